"""A report, from the API over a moderator's browser to the notice of the reporter."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import Message, PrivateTextReading, Report, User
from accounts.services import chats
from tests.fixtures.browser import PATIENCE, browser_page, screenshot
from tests.fixtures.staff import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

ABUSE = "Pay me outside of this site."
WORDS = "He wants money in advance."


class Client:
    """An HTTP client of the API that is logged in."""

    def __init__(self, url: str, user: User) -> None:
        self.url = f"{url}/accounts/"
        self.headers: dict[str, str] = {}
        login = self.send("post", "login/", email=user.email, password=PASSWORD)
        self.headers = {"Authorization": f"Bearer {login['access_token']}"}

    def send(self, method: str, path: str, **body: Any) -> Any:
        answer = requests.request(
            method, self.url + path, json=body or None, headers=self.headers, timeout=PATIENCE
        )
        assert answer.ok, answer.text
        return answer.json()


def sent_messages(sender: User, peer: User) -> list[Message]:
    """Fifteen messages of a new chat; the eighth one is to be reported."""
    chat, _ = chats.open_chat(user=sender, participant=peer.pk, at=timezone.now())
    texts = [ABUSE if number == 8 else f"Line {number:02}" for number in range(1, 16)]
    return [chats.send_message(user=sender, chat_id=chat.pk, content=text)[0] for text in texts]


def sign_in(page: Any, address: str, email: str) -> None:
    """Logs in and waits for the admin's index, which is at ``address``."""
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(address)


def remove_message(page: Any, address: str, report: dict[str, Any]) -> None:
    """Opens the report from the queue, reads it, and removes the message."""
    from playwright.sync_api import expect

    page.goto(f"{address}accounts/report/?state=open")
    screenshot(page, "reports-queue")
    page.goto(f"{address}accounts/report/{report['id']}/change/")
    expect(page.get_by_text(ABUSE)).to_have_count(0)
    page.get_by_role("button", name="Read the texts").click()
    expect(page.get_by_text(WORDS)).to_be_visible()
    expect(page.locator("#report-texts").get_by_text("Line ")).to_have_count(10)
    screenshot(page, "reports-report")
    page.get_by_role("link", name="Remove message").click()
    page.get_by_label("Reason").fill("A scam.")
    screenshot(page, "reports-action")
    page.get_by_role("button", name="Remove message").click()
    expect(page.get_by_text("Message removed (1 report closed)")).to_be_visible()
    expect(page.get_by_role("link", name="Dismiss")).to_have_count(0)
    screenshot(page, "reports-handled")


def test_a_message_is_reported_removed_and_the_reporter_learns_it(
    live_server: Any, supabase: Any, make_account: Any
) -> None:
    tomas, ana = make_account("Tomas"), make_account("Ana")
    moderator: User = make_account("Mo", is_staff=True)
    moderator.user_permissions.set(Permission.objects.filter(codename="handle_report"))
    reported = sent_messages(tomas, ana)[7]
    reporter = Client(live_server.url, ana)
    report = reporter.send("post", "reports/", kind="message", id=reported.pk, reason="scam", text=WORDS)
    assert reporter.send("get", "users/me/notices/") == []
    failures: list[str] = []
    address = f"{live_server.url}/admin/"
    with browser_page(address) as page:
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("response", lambda got: got.ok or got.status in (302, 304) or failures.append(got.url))
        page.on("request", lambda asked: asked.url.startswith(live_server.url) or failures.append(asked.url))
        sign_in(page, address, moderator.email)
        remove_message(page, address, report)
    assert failures == []
    assert PrivateTextReading.objects.get().by == moderator
    [notice] = reporter.send("get", "users/me/notices/")
    assert (notice["kind"], notice["report"], notice["read_at"]) == ("report", report["id"], None)
    assert reporter.send("post", f"users/me/notices/{notice['id']}/read/")["read_at"]
    assert [row["state"] for row in reporter.send("get", "reports/")] == ["handled"]
    path = f"supabase/chats/{reported.chat_id}/messages/?after_seq=7&limit=1"
    [message] = reporter.send("get", path)
    assert (message["content"], message["removed_by_staff"]) == ("", True)
    assert Report.objects.get().handling_reason == "A scam."
