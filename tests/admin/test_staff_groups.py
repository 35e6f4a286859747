"""The groups moderator, support and analyst: what each sees and may do, as a matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db.models import Model
from django.test import Client

from accounts.admin.site import site
from accounts.models import PrivateTextReading, User
from accounts.services.staff_groups import GROUPS
from tests.fixtures.private_rows import READABLE, make_private_rows
from tests.fixtures.staff import act, logged, make_gig

pytestmark = pytest.mark.django_db(transaction=True)

# The page of each model -> the groups that may open it. Other members of staff get 403.
PAGES = {
    "user": {"moderator", "support"},
    "teacher": {"moderator", "support"},
    "gig": {"moderator", "support"},
    "voiceconversation": {"support", "analyst"},
    "voicesession": {"support", "analyst"},
    "feedbackjob": {"support"},
    "chat": {"moderator"},
    "report": {"moderator"},
    "correction": set(),
    "card": set(),
    "comment": set(),
    "share": set(),
    "privatetextreading": set(),
    "group": set(),
}
READERS = {"voiceconversation": {"support"}, "voicesession": {"support"}}
ACTIONS = {
    ("user", "ban"): {"moderator"},
    ("user", "unban"): {"moderator"},
    ("gig", "suspend"): {"moderator"},
    ("gig", "lift_suspension"): {"moderator"},
    ("gig", "delete_selected"): set(),
    ("teacher", "verify"): set(),
}


@pytest.fixture
def rows(make_account: Callable[..., User], anna: User, superuser: User) -> dict[str, Model]:
    """A row of each model of the admin."""
    teacher = make_account("Tom", role=User.Role.TEACHER)
    gig = make_gig(teacher)
    reading = PrivateTextReading.objects.create(
        by=superuser, owner=anna, model="card", object_id="1", why="x"
    )
    fixed = {"user": anna, "teacher": gig.teacher, "gig": gig, "privatetextreading": reading}
    return {**make_private_rows(anna, teacher), **fixed, "group": Group.objects.create(name="Editors")}


def allowed(clients: dict[str, Client], *paths: str) -> set[str]:
    """The groups that get 200 at every path. The others get 403 at every path."""
    found = set()
    for name, client in clients.items():
        [status] = {client.get(path).status_code for path in paths}
        assert status in (200, 403), (name, paths)
        found |= {name} if status == 200 else set()
    return found


def test_each_group_opens_exactly_its_pages(members: dict[str, Client], rows: dict[str, Model]) -> None:
    ours = {model._meta.model_name: model for model in site._registry}
    assert set(PAGES) == set(ours), "a new page needs a line in PAGES"
    found = {}
    for name, model in ours.items():
        path = f"/admin/{model._meta.app_label}/{name}/"
        pages = ("", "export/", f"{rows[name].pk}/change/", f"{rows[name].pk}/history/")
        found[name] = allowed(members, *(path + page for page in pages))
    assert found == PAGES


def test_only_support_reads_private_texts_and_only_of_its_pages(
    members: dict[str, Client], rows: dict[str, Model]
) -> None:
    for name in READABLE:
        path = f"/admin/accounts/{name}/{rows[name].pk}/text/"
        assert allowed(members, path) == READERS.get(name, set()), name


def test_people_are_links_only_for_staff_who_may_open_their_pages(
    members: dict[str, Client], rows: dict[str, Model], anna: User
) -> None:
    link = f'href="/admin/accounts/user/{anna.pk}/change/"'
    path = f"/admin/accounts/voicesession/{rows['voicesession'].pk}/change/"
    for group, links in (("support", True), ("analyst", False)):
        html = members[group].get(path).content.decode()
        assert "Anna" in html and (link in html) is links, group


def test_only_support_asks_again_for_feedback(members: dict[str, Client], rows: dict[str, Model]) -> None:
    for name in ("voiceconversation", "feedbackjob"):
        assert allowed(members, f"/admin/accounts/{name}/{rows[name].pk}/feedback/") == {"support"}, name


def test_the_usage_page_is_for_support_and_analysts(
    members: dict[str, Client], rows: dict[str, Model]
) -> None:
    assert allowed(members, "/admin/accounts/voicesession/usage/") == {"support", "analyst"}


@pytest.mark.parametrize(("name", "action"), ACTIONS)
def test_each_group_has_exactly_its_actions(
    members: dict[str, Client], rows: dict[str, Model], name: str, action: str
) -> None:
    for group, client in members.items():
        html = client.get(f"/admin/accounts/{name}/").content.decode()
        assert (f'<option value="{action}"' in html) == (group in ACTIONS[name, action]), group
        if group not in ACTIONS[name, action]:
            act(client, name, action, rows[name], reason="x", post="yes")
    assert logged() == []


def test_nobody_of_the_groups_changes_a_row_or_a_right(
    members: dict[str, Client], rows: dict[str, Model]
) -> None:
    for name, client in members.items():
        for model in PAGES:
            path = f"/admin/{'auth' if model == 'group' else 'accounts'}/{model}/"
            for page in ("add/", f"{rows[model].pk}/delete/", f"{rows[model].pk}/change/"):
                assert client.post(f"{path}{page}", {"post": "yes"}).status_code == 403, (name, path, page)


def test_migrate_restores_the_permissions_of_the_groups(members: dict[str, Client]) -> None:
    analyst, own = Group.objects.get(name="analyst"), Group.objects.create(name="Editors")
    extra = Permission.objects.get(codename="read_private_text")
    for group in (analyst, own):
        group.permissions.set([extra])
    call_command("migrate", verbosity=0)
    assert set(analyst.permissions.values_list("codename", flat=True)) == set(GROUPS["analyst"])
    assert list(own.permissions.all()) == [extra]


def test_only_those_who_view_users_search_by_address(
    members: dict[str, Client], rows: dict[str, Model], anna: User
) -> None:
    for group, query, count in (
        ("support", anna.email[:8], 1),
        ("analyst", anna.email[:8], 0),
        ("analyst", anna.name, 1),
        ("analyst", str(anna.pk), 1),
    ):
        page = members[group].get("/admin/accounts/voiceconversation/", {"q": query})
        assert len(page.context["cl"].result_list) == count, (group, query)


def test_migrate_does_not_create_a_group_again(members: dict[str, Client]) -> None:
    Group.objects.filter(name="analyst").delete()
    call_command("migrate", verbosity=0)
    assert not Group.objects.filter(name="analyst").exists()


def test_every_permission_of_a_group_exists_or_belongs_to_no_model() -> None:
    names = set(
        Permission.objects.filter(content_type__app_label="accounts").values_list("codename", flat=True)
    )
    models = {model._meta.model_name for model in apps.get_app_config("accounts").get_models()}
    absent = {name for wanted in GROUPS.values() for name in wanted} - names
    assert not {name for name in absent if name.partition("_")[2] in models}


def test_superusers_see_the_groups_of_the_code_and_do_not_change_them(
    boss: Client, members: dict[str, Any]
) -> None:
    support, own = Group.objects.get(name="support"), Group.objects.create(name="Editors")
    assert boss.get(f"/admin/auth/group/{support.pk}/change/").status_code == 200
    assert boss.post(f"/admin/auth/group/{support.pk}/change/", {"name": "x"}).status_code == 403
    assert boss.post(f"/admin/auth/group/{support.pk}/delete/", {"post": "yes"}).status_code == 403
    assert boss.post(f"/admin/auth/group/{own.pk}/change/", {"name": "New"}).status_code == 302
