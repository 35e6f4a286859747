"""The welcome page at the root of the local default, in Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from linguaflex.local import demo
from linguaflex.local.demo import staff
from tests.fixtures.browser import expect_text, screenshot
from tests.fixtures.demo_app import Window, new_window

pytestmark = pytest.mark.django_db(transaction=True)

BACKGROUND = "getComputedStyle(document.documentElement).backgroundColor"
WIDTHS = {"phone": {"width": 390, "height": 844}, "laptop": {"width": 1280, "height": 800}}


@pytest.fixture
def site(demo_url: str, tmp_path: Path, settings: Any) -> str:
    """A running site with the demo people and the demo member of staff."""
    settings.LINGUAFLEX_DATA_DIR = tmp_path
    staff.add()
    return demo_url


def opened(browser: Any, site: str, **context: Any) -> Window:
    """The welcome page in a new window."""
    window = new_window(browser, site, **context)
    window.page.goto(f"{site}/")
    return window


@pytest.mark.usefixtures("axe")
def test_it_is_accessible_on_phones_and_laptops_in_light_and_dark(site: str, demo_browser: Any) -> None:
    for width, viewport in WIDTHS.items():
        colours = {}
        for scheme in ("light", "dark"):
            window = opened(demo_browser, site, color_scheme=scheme, viewport=viewport)
            window.look()
            screenshot(window.page, f"welcome-{width}-{scheme}")
            colours[scheme] = window.page.evaluate(BACKGROUND)
            assert window.problems == []
            window.page.context.close()
        assert colours["light"] != colours["dark"]


def test_one_click_signs_in_to_the_demo_app(site: str, demo_browser: Any) -> None:
    window = opened(demo_browser, site)
    expect_text(window.page, ".person b", [*(user.name for user in demo.USERS), staff.NAME])
    window.page.get_by_role("link", name="Kenji Mori").click()
    expect_text(window.page, "h1", "Hello, Kenji")
    assert window.problems == []


def test_one_click_opens_the_admin(site: str, demo_browser: Any) -> None:
    window = opened(demo_browser, site)
    window.page.get_by_role("button", name=staff.NAME).click()
    window.page.wait_for_url(f"{site}/admin/")
    assert "sessionid" in {cookie["name"] for cookie in window.page.context.cookies()}


def test_every_link_leads_somewhere(site: str, demo_browser: Any) -> None:
    window = opened(demo_browser, site)
    links = window.page.locator("a[href]").evaluate_all("links => links.map(({ href }) => href)")
    assert f"{settings.SUPABASE_URL}/outbox" in links
    for link in {link.partition("?")[0] for link in links}:
        answer = window.page.request.get(link)
        assert answer.status == 200, link
