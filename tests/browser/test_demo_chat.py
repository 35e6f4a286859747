"""Two windows of the demo chat in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from linguaflex.local import demo
from tests.fixtures.browser import PATIENCE, chromium, expect_text, lose_first_response, screenshot

pytestmark = pytest.mark.django_db(transaction=True)

ANA, TEACHER = demo.LEARNERS[0], demo.TEACHERS[0]
# Lets a test close the sockets of a page, and prevent new ones while window.cut is true.
SOCKETS = """
  window.sockets = [];
  window.cut = false;
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(url, ...more) {
      super(window.cut ? "ws://127.0.0.1:1/" : url, ...more);
      window.sockets.push(this);
    }
  };
"""
CUT = "() => { window.cut = true; window.sockets.forEach((socket) => socket.close(4000)); }"


@dataclass
class Window:
    """A browser window of a demo user."""

    page: Any

    def open_chat(self, name: str) -> None:
        self.page.select_option("#opening select", label=name)
        self.page.click("#opening button")
        self.expect("#state", "connected")

    def write(self, *contents: str) -> None:
        for content in contents:
            self.page.fill("#sending input", content)
            self.page.press("#sending input", "Enter")

    def expect(self, selector: str, text: str | re.Pattern[str]) -> None:
        expect_text(self.page, selector, text)

    def expect_messages(self, *contents: str) -> None:
        """Waits until exactly these messages are shown, numbered from 1."""
        from playwright.sync_api import expect

        texts = self.page.locator("#messages .text")
        expect(texts).to_have_text(list(contents), timeout=PATIENCE * 1000)
        expect(self.page.locator("#messages li:not([data-seq=''])")).to_have_count(len(contents))
        seqs = self.page.eval_on_selector_all("#messages li", "items => items.map((i) => i.dataset.seq)")
        assert seqs == [str(number) for number in range(1, len(contents) + 1)]

    def note_of(self, seq: int) -> str:
        return f'#messages li[data-seq="{seq}"] small'


@pytest.fixture
def windows(demo_url: str) -> Iterator[tuple[Window, Window]]:
    """Ana's and the teacher's windows, logged in."""
    with chromium() as browser:
        address = f"{demo_url}/demo/chat/"
        yield sign_in(browser, address, ANA.email), sign_in(browser, address, TEACHER.email)


def sign_in(browser: Any, address: str, email: str) -> Window:
    page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.add_init_script(SOCKETS)
    page.goto(address)
    page.select_option("#sign-in select", email)
    page.click("#sign-in button")
    page.wait_for_selector("#app:not([hidden])")
    return Window(page)


def test_two_users_chat(windows: tuple[Window, Window]) -> None:
    ana, teacher = windows
    html = "<img src=x onerror='document.title = 1'><b>Hola</b>"
    ana.open_chat(TEACHER.name)
    ana.write("Hola", html)
    ana.expect_messages("Hola", html)
    teacher.expect("#chats .unread", "2")
    teacher.open_chat(ANA.name)
    teacher.expect_messages("Hola", html)
    assert teacher.page.locator("#messages img, #messages b").count() == 0
    teacher.expect("#chats .unread", "")
    ana.expect(ana.note_of(2), re.compile("read"))

    teacher.page.type("#sending input", "¿Qué tal")
    ana.expect("#typing", f"{TEACHER.name} is typing…")
    teacher.write("¿Qué tal?")
    ana.expect_messages("Hola", html, "¿Qué tal?")
    ana.expect("#typing", "")

    ana.page.on("dialog", lambda dialog: dialog.accept("Hola, Tomás"))
    ana.page.click(f"{ana.note_of(1)} >> text=Edit")
    ana.page.click(f"{ana.note_of(2)} >> text=Delete")
    teacher.expect_messages("Hola, Tomás", "(deleted)", "¿Qué tal?")
    screenshot(teacher.page, "demo_chat")


def test_messages_missed_during_a_lost_connection_appear_after_it(windows: tuple[Window, Window]) -> None:
    ana, teacher = windows
    ana.open_chat(TEACHER.name)
    teacher.open_chat(ANA.name)
    ana.write("1", "2")
    teacher.expect_messages("1", "2")
    teacher.page.evaluate(CUT)
    teacher.expect("#state", "connecting…")
    ana.write("3", "4", "5")
    ana.page.click(f"{ana.note_of(1)} >> text=Delete")
    ana.expect_messages("(deleted)", "2", "3", "4", "5")
    assert teacher.page.locator("#messages li").count() == 2, "without a socket nothing arrives"
    teacher.page.evaluate("() => { window.cut = false; }")
    teacher.expect("#state", "connected")
    teacher.expect_messages("(deleted)", "2", "3", "4", "5")
    ana.write("6")
    teacher.expect_messages("(deleted)", "2", "3", "4", "5", "6")
    ana.expect(ana.note_of(6), re.compile("read"))
    teacher.page.type("#sending input", "yes")
    ana.expect("#typing", f"{TEACHER.name} is typing…")


def test_a_message_without_a_response_is_sent_again_and_stored_once(windows: tuple[Window, Window]) -> None:
    ana, teacher = windows
    ana.open_chat(TEACHER.name)
    attempts = lose_first_response(ana.page, "**/messages/**")
    ana.write("once", "then this")
    ana.expect_messages("once", "then this")
    teacher.open_chat(ANA.name)
    teacher.expect_messages("once", "then this")
    assert [attempt["content"] for attempt in attempts] == ["once", "once", "then this"]
    assert attempts[0] == attempts[1]


def test_a_window_without_a_session_says_so_and_sends_no_request(windows: tuple[Window, Window]) -> None:
    ana, _ = windows
    ana.open_chat(TEACHER.name)
    ana.page.evaluate("async () => (await import('/static/local/demo_client.js')).signOut()")
    requests: list[str] = []
    ana.page.on("request", lambda request: requests.append(request.url))
    ana.write("Hola")
    ana.expect(".mine small", "not sent: You are signed out. Sign in again.")
    assert [url for url in requests if "/accounts/" in url] == []
