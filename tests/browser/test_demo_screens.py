"""Every screen of the demo app is accessible, fits the window, and makes no error and no outside request."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from accounts.models import User
from linguaflex.local import demo
from linguaflex.local.views import SHEETS
from tests.fixtures.browser import expect_text, wait_until
from tests.fixtures.demo_app import Window, new_window
from tests.fixtures.demo_screens import ANA, KENJI, SCREENS, ids_of

pytestmark = pytest.mark.django_db(transaction=True)

UNREAD = "/accounts/supabase/chats/unread/"
WIDTHS = {"phone": {"width": 390, "height": 844}, "laptop": {"width": 1280, "height": 800}}


@pytest.fixture
def screens(demo_url: str) -> dict[str, list[str]]:
    """The paths of each person's screens."""
    people = {user.email: ids_of(user) for user in User.objects.filter(email__in=SCREENS)}
    return {email: [path.format(**people[email]) for path in paths] for email, paths in SCREENS.items()}


@pytest.mark.usefixtures("simulator", "axe")
def test_every_screen_is_accessible(demo_url: str, screens: dict[str, list[str]], demo_browser: Any) -> None:
    problems = []
    for email, paths in screens.items():
        window = new_window(demo_browser, demo_url)
        window.page.goto(window.address)
        look_in_each_size_and_colour(window)
        window.sign_in(email)
        for path in paths:
            window.open(path)
            look_in_each_size_and_colour(window)
        problems += window.problems
        window.page.context.close()
    assert problems == [], "\n".join(problems)


def look_in_each_size_and_colour(window: Window) -> None:
    for size in WIDTHS.values():
        window.page.set_viewport_size(size)
        for colours in ("light", "dark"):
            window.page.emulate_media(color_scheme=colours, reduced_motion="reduce")
            window.wait(f"document.documentElement.dataset.theme === '{colours}'")
            window.settle()
            window.look()


@pytest.fixture
def window(demo_url: str, demo_browser: Any) -> Window:
    return new_window(demo_browser, demo_url, viewport=WIDTHS["laptop"])


def test_one_click_signs_a_demo_person_in(window: Window) -> None:
    page = window.page
    page.goto(window.address)
    names = page.locator(".person b")
    expect_text(page, ".person b", [user.name for user in demo.USERS])
    names.filter(has_text="Kenji Mori").click()
    expect_text(page, "h1", "Hello, Kenji")
    page.reload()
    expect_text(page, "h1", "Hello, Kenji")
    page.click("nav >> text=Sign out")
    expect_text(page, ".person b", [user.name for user in demo.USERS])
    page.reload()
    expect_text(page, ".person b", [user.name for user in demo.USERS])
    assert window.problems == []


def test_the_address_signs_a_demo_person_in_and_forgets_it(window: Window) -> None:
    window.sign_in(ANA)
    expect_text(window.page, "h1", "Hello, Ana")
    assert "as=" not in window.page.url


@pytest.mark.parametrize("place", ["%", "..%2F..%2Fusers%2Fme", "1%3Fcards=delete", ":id"])
def test_a_place_that_is_no_id_reaches_no_other_endpoint(window: Window, place: str) -> None:
    window.sign_in(ANA)
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    window.open(f"/conversation/{place}")
    expect_text(window.page, "h1", "Not found")
    # The navigation reads the number of unread messages at each Realtime connection.
    assert {path for path in asked if path.startswith("/accounts/")} <= {UNREAD}
    assert window.problems == []


def test_a_click_before_the_client_is_there_signs_in(window: Window) -> None:
    held: list[Any] = []
    window.page.route("**/supabase/config/", lambda route: held.append(route))
    window.page.goto(window.address)
    window.page.click("text=Kenji Mori")
    wait_until(window.page, lambda: held)
    held[0].continue_()
    expect_text(window.page, "h1", "Hello, Kenji")
    assert len(held) == 1
    assert window.problems == []


def test_a_wrong_password_is_refused_in_words(window: Window) -> None:
    page, window.expected = window.page, ("400",)
    page.goto(window.address)
    page.get_by_label("E-mail").fill(ANA)
    page.get_by_label("Password").fill("wrong-password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect_text(page, "[role=alert] p", re.compile("Invalid login credentials"))
    page.get_by_label("Password").fill(demo.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect_text(page, "h1", "Hello, Ana")


def test_an_ended_session_leads_to_the_sign_in_with_a_reason(window: Window) -> None:
    window.sign_in(ANA)
    window.expected = ("401",)
    key = "Object.keys(sessionStorage).find(key => key.startsWith('session-'))"
    token = window.page.evaluate(f"JSON.parse(sessionStorage[{key}]).access_token")
    ended = window.page.request.post(
        window.address.replace("/demo/", "/accounts/logout/"),
        headers={"Authorization": f"Bearer {token}"},
        data={},
    )
    assert ended.status == 204
    window.page.reload()
    expect_text(window.page, ".note", re.compile("session"))
    expect_text(window.page, ".person b", [user.name for user in demo.USERS])


def test_the_heading_gets_the_focus_after_a_navigation(window: Window) -> None:
    window.sign_in(ANA)
    window.open("/unknown")
    assert window.page.evaluate("document.activeElement.textContent") == "Not found"
    assert window.page.title() == "Not found · LinguaFlex"


def test_only_the_styles_of_the_open_screen_apply(window: Window) -> None:
    window.sign_in(ANA, "/practice")
    window.open("/chats")
    window.open("/history")
    enabled = "[...document.styleSheets].filter(sheet => !sheet.disabled).map(sheet => sheet.href)"
    names = {url.rpartition("/")[2] for url in window.page.evaluate(enabled)}
    assert names == {f"{name}.css" for name in (*SHEETS, "conversations")}


def test_what_does_not_exist_is_not_tried_again(window: Window) -> None:
    window.sign_in(ANA)
    window.expected = ("400", "404")
    window.open("/conversation/999999999")
    expect_text(window.page, "[role=alert] p", "Not found.")
    assert window.page.get_by_role("button", name="Try again").count() == 0


def test_a_phone_shows_no_keys_of_a_keyboard(demo_url: str, demo_browser: Any) -> None:
    window = new_window(demo_browser, demo_url, has_touch=True, is_mobile=True).sign_in(KENJI, "/review")
    assert window.page.is_visible(".reveal")
    assert not window.page.is_visible(".reveal kbd")


def test_the_choice_of_dark_colours_stays_after_a_reload(window: Window) -> None:
    window.sign_in(ANA)
    window.page.get_by_role("button", name="Dark colours").click()
    window.page.reload()
    window.settle()
    assert window.page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert window.page.get_by_role("button", name="Light colours").count() == 1
