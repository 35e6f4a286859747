"""Each HTML page in Chromium: its policy forbids nothing that it does; it loads only files of its site."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from linguaflex.local import demo
from linguaflex.local.demo import staff
from tests.fixtures.browser import wait_until
from tests.fixtures.demo_app import Window, new_window

pytestmark = pytest.mark.django_db(transaction=True)

# Page -> what it shows when it is complete.
PAGES = {
    "/": "LinguaFlex is running",
    "/docs/": "/voice-conversations/summary/",
    "/redoc/": "/voice-conversations/summary/",
    f"/demo/?as={quote(demo.USERS[0].email)}": "Hello, Ana",
    "/demo/#/history": "History",
    "/demo/#/chats": "Chats",
    "/demo/#/teachers": "Teachers",
    "/demo/voice/": "Practise",
    "/demo/chat/": "Chats",
}
# The dashboard with charts, lists, forms with suggestions, and a page that does not exist.
ADMIN_PAGES = ("", "accounts/gig/", "accounts/gig/add/", "accounts/user/", "accounts/report/", "unknown/")
STORAGE = "() => [{ ...localStorage }, { ...sessionStorage }, document.cookie]"
EVENTS = """addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile }) =>
  console.error(`policy: ${violatedDirective} ${blockedURI} ${sourceFile}`));"""


@pytest.fixture
def site(demo_url: str, tmp_path: Path, settings: Any) -> str:
    """A running site with the demo people and the demo member of staff."""
    settings.LINGUAFLEX_DATA_DIR = tmp_path
    staff.add()
    return demo_url


@pytest.fixture
def window(site: str, demo_browser: Any) -> Window:
    """A window that notes violations of policies, beside other errors and requests to other sites."""
    window = new_window(demo_browser, site)
    window.page.add_init_script(EVENTS)
    window.address = site
    return window


def visit(window: Window, path: str, text: str) -> None:
    """Opens a page, and waits for a text and for the requests of the page."""
    window.page.goto("about:blank")  # an address that differs in its fragment only would load no page
    window.page.goto(window.address + path)
    window.page.get_by_text(text).first.wait_for(state="attached")
    window.page.wait_for_load_state("networkidle")


def test_public_pages_and_the_demo_app_do_nothing_that_their_policies_forbid(window: Window) -> None:
    for path, text in PAGES.items():
        visit(window, path, text)
    assert window.problems == []


def test_the_admin_does_nothing_that_its_policy_forbids(window: Window) -> None:
    page = window.page
    visit(window, "/admin/login/", "Log in")
    visit(window, "/", "LinguaFlex is running")
    page.get_by_role("button", name=staff.NAME).click()
    page.wait_for_url(f"{window.address}/admin/")
    window.expected = ("Failed to load resource",)  # the page that does not exist
    for path in ADMIN_PAGES:
        page.goto(f"{window.address}/admin/{path}")
        page.wait_for_load_state("networkidle")
    page.goto(f"{window.address}/admin/accounts/gig/")
    page.get_by_role("link", name="Spanish").first.click()
    page.wait_for_url("**/change/")
    page.wait_for_load_state("networkidle")
    assert window.problems == []


def test_swagger_ui_sends_a_token_and_stores_none(window: Window) -> None:
    page, sent = window.page, list[str]()

    def answer(route: Any) -> None:
        sent.append(route.request.headers["authorization"])
        route.fulfill(json={})

    page.route(f"{window.address}/accounts/users/me/", answer)
    visit(window, "/docs/", "/voice-conversations/summary/")
    page.get_by_role("button", name="Authorize").first.click()
    page.locator(".auth-container input").fill("secret-token")
    page.locator(".auth-container").get_by_role("button", name="Apply credentials").click()
    page.get_by_role("button", name="Close").click()
    page.locator("#operations-Users-users_me").get_by_role("button").first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    wait_until(page, lambda: sent)
    assert sent == ["Bearer secret-token"]
    assert page.evaluate(STORAGE) == [{}, {}, ""]
    page.reload()
    page.get_by_text("/voice-conversations/summary/").first.wait_for(state="attached")
    assert page.evaluate(STORAGE) == [{}, {}, ""]
    assert window.problems == []
