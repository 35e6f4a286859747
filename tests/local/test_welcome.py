"""The root of the local default: a page for browsers, JSON for programs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from linguaflex.local import demo, welcome
from linguaflex.local.demo import staff

pytestmark = pytest.mark.django_db(transaction=True)

CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def browser(demo_url: str, tmp_path: Path, settings: Any) -> Client:
    """A browser on this machine, and a site with the demo people and the member of staff."""
    settings.LINGUAFLEX_DATA_DIR = tmp_path
    staff.add()
    return Client(headers={"Accept": CHROME})


@pytest.mark.parametrize("accept", [CHROME, "text/html", "text/html, application/json;q=0.9"])
def test_browsers_get_a_page(accept: str) -> None:
    answer = Client().get("/", headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "Accept" in answer["Vary"]
    assert answer["Cache-Control"] == "no-store"
    assert "unsafe-inline" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    "accept", [None, "*/*", "application/json", "application/json, text/html;q=0.9", "application/*"]
)
def test_programs_get_json(accept: str | None) -> None:
    answer = Client().get("/", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json()["service"] == "LinguaFlex"
    assert "Accept" in answer["Vary"]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_root_is_read_only(method: str) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Accept": CHROME})
    answer = getattr(client, method)("/")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_its_form_signs_the_member_of_staff_in(browser: Client) -> None:
    browser.handler.enforce_csrf_checks = True
    page = browser.get("/")
    answer = browser.post("/admin/demo-staff/", {"csrfmiddlewaretoken": page.context["csrf_token"]})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_it_contains_no_password(browser: Client) -> None:
    page = browser.get("/").content.decode()
    assert staff.NAME in page
    assert staff.password() not in page and demo.PASSWORD not in page


def test_other_machines_get_neither_staff_nor_mails(browser: Client) -> None:
    page = browser.get("/", REMOTE_ADDR="192.168.1.20").content.decode()
    assert "?as=ana%40example.com" in page
    for near in (staff.NAME, "/admin/", "/outbox"):
        assert near in browser.get("/").content.decode()
        assert near not in page


def test_a_database_of_other_people_has_nobody_to_sign_in_as(make_account: Callable[..., User]) -> None:
    make_account("Ana")
    page = Client(headers={"Accept": CHROME}).get("/").content.decode()
    assert "Look around" in page and "Sign in as" not in page


def test_the_guides_exist() -> None:
    assert [file for file, _ in welcome.GUIDES if not (ROOT / file).is_file()] == []
