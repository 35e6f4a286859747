"""Errors inside the admin are pages with a way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.admin.site import site
from accounts.models import Gig, User
from tests.fixtures.staff import LOGIN, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def page_of(response: Any, status: int) -> str:
    """The HTML of an error page. Asserts its status, its type and the link to the dashboard."""
    html: str = response.content.decode()
    assert (response.status_code, response["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert 'href="/admin/"' in html
    return html


@pytest.mark.parametrize("path", ["unknown/", "unknown", "accounts/unknown/", "%00/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_address_is_a_page_with_the_navigation(boss: Client, path: str, method: str) -> None:
    html = page_of(getattr(boss, method)(f"/admin/{path}"), 404)
    assert "Not found" in html and 'href="/admin/accounts/gig/"' in html


@pytest.mark.parametrize("query", ["page=abc", "page=999", "page=-1", "page=%00"])
def test_an_unknown_page_of_search_results_is_not_found(boss: Client, query: str) -> None:
    assert boss.get("/admin/search/?s=gig").status_code == 200
    assert "Not found" in page_of(boss.get(f"/admin/search/?s=gig&{query}"), 404)


def test_there_is_no_redirect_to_the_own_page_of_a_row(boss: Client, gig: Gig) -> None:
    for model, pk in ((Gig, gig.pk), (User, gig.teacher_id), (User, "x")):
        kind = ContentType.objects.get_for_model(model).pk
        with CaptureQueriesContext(connection) as counted:
            assert "Not found" in page_of(boss.get(f"/admin/r/{kind}/{pk}/"), 404)
        assert not any("accounts_gig" in query["sql"] for query in counted.captured_queries)


def test_a_page_without_permission_is_a_page_with_the_own_navigation(
    make_staff: Callable[..., User], gig: Gig
) -> None:
    member = signed_in(make_staff("Sam", "view_gig"))
    for path in ("accounts/user/", "auth/group/", f"accounts/gig/{gig.pk}/delete/"):
        html = page_of(member.get(f"/admin/{path}"), 403)
        assert "You do not have the permission" in html
        assert 'href="/admin/accounts/gig/"' in html and 'href="/admin/accounts/user/"' not in html


def test_suggestions_are_only_for_fields_with_a_column(boss: Client, gig: Gig) -> None:
    address = "/admin/autocomplete/?app_label=accounts&term=&model_name="
    suggested = boss.get(f"{address}gig&field_name=teacher").json()["results"]
    assert [each["id"] for each in suggested] == [str(gig.teacher_id)]
    assert boss.get(f"{address}user&field_name=filed_reports").status_code == 403


def test_a_filter_that_a_list_does_not_take_is_a_page(boss: Client) -> None:
    html = page_of(boss.get("/admin/accounts/card/?front__startswith=a"), 400)
    assert "Malformed address" in html and "nav-sidebar" in html


def test_an_unknown_host_name_stays_json(boss: Client) -> None:
    response = boss.get("/admin/", headers={"host": "evil.example"})
    assert (response.status_code, response.json()["code"]) == (400, "bad_request")


def test_an_expired_form_is_a_page(superuser: User, gig: Gig) -> None:
    strict = Client(enforce_csrf_checks=True)
    html = page_of(strict.post(LOGIN, {"username": superuser.email, "password": "x"}), 403)
    assert "has expired" in html and "Log in" in html and "nav-sidebar" not in html
    strict.force_login(superuser)
    html = page_of(strict.post(f"/admin/accounts/gig/{gig.pk}/change/", {"title": "New"}), 403)
    assert "has expired" in html and "nav-sidebar" in html


def test_nobody_sees_an_error_page_before_the_login() -> None:
    response = Client().get("/admin/unknown/")
    assert (response.status_code, response["Location"]) == (302, "/admin/login/?next=/admin/unknown/")


def test_an_address_without_its_slash_leads_to_the_page(boss: Client, gig: Gig) -> None:
    for path in ("", f"/accounts/gig/{gig.pk}/change", "/accounts/gig", "/login"):
        response = boss.get(f"/admin{path}")
        assert (response.status_code, response["Location"]) == (302, f"/admin{path}/")
    assert boss.get("/admin/accounts/gig?q=a")["Location"] == "/admin/accounts/gig/?q=a"
    assert boss.post("/admin").status_code == 405
    page_of(boss.post("/admin/accounts/gig", {}), 404)


def test_an_unexpected_exception_is_a_page_with_the_number_of_the_request(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(type(site), "each_context", fail)  # of every page
    boss.raise_request_exception = False
    for path in ("", "accounts/gig/", "unknown/"):
        response = boss.get(f"/admin/{path}")
        html = page_of(response, 500)
        assert response["X-Request-ID"] in html and "secret" not in html


def test_a_page_without_a_database_is_an_error_page(boss: Client) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("secret")

    boss.raise_request_exception = False
    with connection.execute_wrapper(fail):
        response = boss.get("/admin/")
    html = page_of(response, 503)
    assert "Something went wrong" in html and "secret" not in html
    assert response["Retry-After"] == "5"


def test_errors_beside_the_admin_stay_json(boss: Client) -> None:
    for path in ("/administration/", "/unknown/", "/accounts/unknown/"):
        response = boss.get(path)
        assert (response.status_code, response["Content-Type"]) == (404, "application/json"), path
