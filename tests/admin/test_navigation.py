"""The navigation of the admin: which links each member of staff sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.admin.site import site
from accounts.models import User
from tests.fixtures.staff import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def navigation(client: Client, path: str = "") -> list[dict[str, Any]]:
    """The links on a page of the admin, in the order of the page."""
    groups = client.get(f"/admin/{path}").context["sidebar_navigation"]
    return [item for group in groups for item in group["items"] if item["has_permission"]]


def current(client: Client, path: str) -> list[str]:
    """The titles of the links that are marked as the current page."""
    return [item["title"] for item in navigation(client, path) if item["active"]]


def test_a_superuser_sees_every_list_once(boss: Client) -> None:
    links = [item["link"] for item in navigation(boss)]
    lists = {f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in site._registry}
    assert lists <= set(links)
    assert [link for link, count in Counter(links).items() if count > 1] == []
    for link in links:
        assert boss.get(link).status_code == 200, link


def test_no_label_occurs_twice(boss: Client) -> None:
    groups = [group["title"] for group in boss.get("/admin/").context["sidebar_navigation"]]
    labels = [*groups, *(item["title"] for item in navigation(boss))]
    assert [label for label, count in Counter(labels).items() if count > 1] == []


def test_staff_see_only_the_lists_that_they_may_view(make_staff: Callable[..., User]) -> None:
    member = signed_in(make_staff("Sam", "view_gig", "view_voicesession"))
    titles = [item["title"] for item in navigation(member)]
    assert titles == ["Dashboard", "Gigs", "Voice sessions", "Usage and cost"]
    groups = [group["title"] for group in member.get("/admin/").context["sidebar_navigation"]]
    assert groups == ["", "Marketplace", "Voice"], "no group without a link"
    nobody = signed_in(make_staff("Kim"))
    assert [item["title"] for item in navigation(nobody)] == ["Dashboard"]


def test_one_link_is_the_current_one(boss: Client) -> None:
    assert current(boss, "") == ["Dashboard"]
    assert current(boss, "accounts/gig/") == ["Gigs"]
    assert current(boss, "accounts/voicesession/") == ["Voice sessions"]
    assert current(boss, "accounts/voicesession/usage/") == ["Usage and cost"]
    assert current(boss, "password_change/") == []


def test_the_name_of_the_member_of_staff_stands_above_the_address(boss: Client, superuser: User) -> None:
    html = boss.get("/admin/").content.decode()
    assert superuser.name in html and html.count(superuser.email) == 1
