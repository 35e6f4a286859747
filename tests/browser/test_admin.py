"""A member of staff logs in with a real browser, suspends a gig and lifts the suspension."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests

from accounts.models import User
from tests.fixtures.browser import PATIENCE, browser_page, note_failed_requests, screenshot
from tests.fixtures.staff import PASSWORD, make_gig

pytestmark = pytest.mark.django_db(transaction=True)

REASON = "This is not a language lesson."


class LearnerClient:
    """An HTTP client of the API that is logged in as a learner."""

    def __init__(self, url: str, email: str) -> None:
        self.url = url
        login = self._send("post", "/accounts/login/", json={"email": email, "password": PASSWORD})
        self.headers = {"Authorization": f"Bearer {login['access_token']}"}

    def titles(self) -> list[str]:
        """The titles of all listed gigs."""
        return [gig["title"] for gig in self._send("get", "/accounts/gigs/", headers=self.headers)]

    def _send(self, method: str, path: str, **options: Any) -> Any:
        answer = requests.request(method, self.url + path, timeout=PATIENCE, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()


def sign_in(page: Any, address: str, email: str) -> None:
    """Logs in and waits for the admin's index, which is at ``address``."""
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    screenshot(page, "1-login")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(address)
    screenshot(page, "2-index")


def choose(page: Any, title: str, action: str) -> None:
    """Ticks one gig of the list and applies an action."""
    page.get_by_role("row", name=re.compile(title)).get_by_role("checkbox").check()
    page.get_by_label("Select action to run").select_option(label=action)
    page.get_by_role("button", name="Run").click()


def assert_cells_have_no_heading(page: Any) -> None:
    """Asserts that two rows of a history show the names of their columns only on top."""
    cells = page.locator("#content tbody :is(td, th)")
    assert cells.count() == 6
    shown = cells.evaluate_all("cells => cells.map(cell => getComputedStyle(cell, '::before').display)")
    assert set(shown) == {"none"}


def test_staff_suspend_a_gig_and_lift_it_again(live_server: Any, supabase: Any, make_account: Any) -> None:
    teacher, learner = make_account("Tomas"), make_account("Ana")
    cafe = make_gig(teacher, "Café conversation")
    make_gig(teacher, "Business French", language="French")
    sam: User = make_account("Sam", is_staff=True, is_superuser=True)
    address, email = f"{live_server.url}/admin/", sam.email
    learner_client = LearnerClient(live_server.url, learner.email)
    assert set(learner_client.titles()) == {"Café conversation", "Business French"}
    failures: list[str] = []
    with browser_page("about:blank") as page:
        from playwright.sync_api import expect

        page.on("pageerror", lambda error: failures.append(str(error)))
        note_failed_requests(page, failures)
        page.on("response", lambda got: got.ok or got.status in (302, 304) or failures.append(got.url))
        page.on("request", lambda asked: asked.url.startswith(live_server.url) or failures.append(asked.url))
        page.goto(address)
        sign_in(page, address, email)
        page.goto(f"{address}accounts/gig/")
        search = page.locator("#searchbar")
        search.fill("cafe")
        search.press("Enter")
        page.wait_for_url("**q=cafe*")
        expect(page.get_by_role("link", name="Business French")).to_have_count(0)
        screenshot(page, "3-search")
        choose(page, "Café conversation", "Suspend with a reason")
        page.get_by_label("Reason").fill(REASON)
        screenshot(page, "4-reason")
        page.get_by_role("button", name="Suspend").click()
        expect(page.get_by_text(f"Suspended: {REASON} (1 gig)")).to_be_visible()
        screenshot(page, "5-suspended")
        assert learner_client.titles() == ["Business French"]
        choose(page, "Café conversation", "Lift the suspension")
        expect(page.get_by_text("Suspension lifted (1 gig)")).to_be_visible()
        assert set(learner_client.titles()) == {"Café conversation", "Business French"}
        page.goto(f"{address}accounts/gig/{cafe.pk}/history/")
        assert_cells_have_no_heading(page)
        for name, path in (("6-gig", "gig"), ("7-users", "user"), ("8-teachers", "teacher")):
            page.goto(f"{address}accounts/{path}/")
            screenshot(page, name)
        page.get_by_role("link", name="Tomas").first.click()
        screenshot(page, "9-teacher")
        page.goto(f"{address}accounts/user/{sam.pk}/change/")
        screenshot(page, "10-user")
    assert failures == []
