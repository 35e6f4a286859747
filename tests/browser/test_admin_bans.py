"""A member of staff bans a person with a real browser, on the person's page, and lifts the ban there."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from accounts.models import User
from tests.fixtures.browser import PATIENCE, browser_page
from tests.fixtures.jobs import run_jobs
from tests.fixtures.staff import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def test_staff_ban_a_person_until_an_instant_and_lift_the_ban(
    live_server: Any, supabase: Any, make_account: Any, make_staff: Any
) -> None:
    ana: User = make_account("Ana")
    sam: User = make_staff("Sam", "view_user", "ban_user")

    def login() -> tuple[int, str]:
        body = {"email": ana.email, "password": PASSWORD}
        answer = requests.post(f"{live_server.url}/accounts/login/", json=body, timeout=PATIENCE)
        return answer.status_code, answer.json().get("code", "")

    assert login() == (200, "")
    with browser_page(f"{live_server.url}/admin/accounts/user/{ana.pk}/change/") as page:
        from playwright.sync_api import expect

        page.get_by_label("E-mail address").fill(sam.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("link", name="Ban", exact=True).click()
        page.get_by_label("Reason").fill("Spam.")
        page.get_by_label("Until").fill("2199-12-24T18:00")
        page.get_by_role("button", name="Ban", exact=True).click()
        expect(page.get_by_text("Banned until 2199-12-24 18:00 UTC (1 user)")).to_be_visible()
        assert login() == (400, "user_banned")
        page.get_by_role("link", name="Bans and changes").click()
        expect(page.get_by_text("Banned until 2199-12-24 18:00 UTC: Spam.")).to_be_visible()
        page.go_back()
        page.get_by_role("link", name="Lift the ban").click()
        page.get_by_role("button", name="Lift the ban").click()
        expect(page.get_by_text("Ban lifted (1 user)")).to_be_visible()
        expect(page.get_by_role("link", name="Lift the ban")).to_have_count(0)
    assert run_jobs() == []
    assert login() == (200, "")
