"""Two windows of the demo app's chats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from linguaflex.local import demo
from tests.fixtures.browser import chromium, expect_text, lose_first_response, wait_until
from tests.fixtures.demo_app import Window, new_window

pytestmark = pytest.mark.django_db(transaction=True)

ANA, TEACHER = demo.LEARNERS[0], demo.TEACHERS[0]
# Lets a test close the sockets of a page, and prevent new ones while window.cut is true.
SOCKETS = """
  window.sockets = [];
  window.cut = false;
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(url, ...more) {
      super(window.cut ? new URL("/nowhere", url) : url, ...more); // the page's policy allows this host
      window.sockets.push(this);
    }
  };
"""
CUT = "() => { window.cut = true; window.sockets.forEach((socket) => socket.close(4000)); }"
SEND_WITHOUT_A_SESSION = """async () => {
  const { supabase } = await import("/static/demo/client.js");
  await supabase.auth.signOut({ scope: "local" });
  document.querySelector(".composer")?.requestSubmit();
}"""
STATE = ".room header [role=status]"


@dataclass
class Chatter:
    """The window of a person who chats."""

    window: Window

    @property
    def page(self) -> Any:
        return self.window.page

    def open_chat(self, name: str) -> None:
        """Opens the chat with a person, who is searched by name."""
        self.window.open("/chats")
        self.page.get_by_role("button", name="New chat").click()
        self.page.fill("dialog input", name)
        self.page.press("dialog input", "Enter")
        self.page.get_by_role("dialog").get_by_role("button", name=name).click()
        self.expect(STATE, "connected")

    def write(self, *contents: str) -> None:
        for content in contents:
            self.page.fill(".composer textarea", content)
            self.page.press(".composer textarea", "Enter")

    def act(self, seq: int, action: str) -> None:
        """Chooses an action of a message."""
        message = self.page.locator(f'.message[data-seq="{seq}"]')
        message.get_by_role("button", name="Actions").click()
        message.get_by_role("button", name=action).click()

    def save(self, label: str, text: str, button: str) -> None:
        """Fills a field of the dialog and submits it."""
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label(label).fill(text)
        dialog.get_by_role("button", name=button).click()
        dialog.wait_for(state="detached")

    def expect(self, selector: str, text: str | re.Pattern[str]) -> None:
        expect_text(self.page, selector, text)

    def expect_messages(self, *contents: str) -> None:
        """Waits until exactly these messages are shown, stored with the numbers from 1."""
        from playwright.sync_api import expect

        stored = self.page.locator(".message:not(.pending)")
        expect(stored.locator(".text")).to_have_text(list(contents))
        expect(self.page.locator(".message")).to_have_count(len(contents))
        seqs = self.page.eval_on_selector_all(".message", "items => items.map((i) => i.dataset.seq)")
        assert seqs == [str(number) for number in range(1, len(contents) + 1)]

    def marks_of(self, seq: int) -> str:
        return f'.message[data-seq="{seq}"] .marks'


@pytest.fixture
def windows(demo_url: str) -> Iterator[tuple[Chatter, Chatter]]:
    """Ana's and the teacher's windows, logged in."""
    with chromium() as browser:
        chatters = Chatter(new_window(browser, demo_url)), Chatter(new_window(browser, demo_url))
        for chatter, person in zip(chatters, (ANA, TEACHER), strict=True):
            chatter.page.add_init_script(SOCKETS)
            chatter.window.sign_in(person.email)
        yield chatters


def type_until_seen(teacher: Chatter, ana: Chatter) -> None:
    """The teacher presses keys until Ana sees it: the text disappears three seconds after a key."""

    def is_seen() -> bool:
        teacher.page.type(".composer textarea", "a")
        return bool(ana.page.inner_text(".typing") == f"{TEACHER.name} is typing…")

    wait_until(ana.page, is_seen)


def test_two_users_chat(windows: tuple[Chatter, Chatter]) -> None:
    ana, teacher = windows
    html = "<img src=x onerror='document.title = 1'><b>Hola</b>"
    teacher.window.open("/chats")
    ana.open_chat(TEACHER.name)
    ana.write("Hola", html)
    ana.expect_messages("Hola", html)
    teacher.expect(".chat-row .badge", "2 unread")
    teacher.expect("nav .badge", "2 unread messages")
    teacher.page.click(".chat-row")
    teacher.expect_messages("Hola", html)
    assert teacher.page.locator(".message img, .message b").count() == 0
    ana.expect(ana.marks_of(2), re.compile("read"))
    teacher.page.locator("nav .badge").wait_for(state="detached")

    type_until_seen(teacher, ana)
    teacher.write("¿Qué tal?")
    ana.expect_messages("Hola", html, "¿Qué tal?")
    ana.expect(".typing", "")

    ana.act(1, "Edit")
    ana.save("Message", "Hola, Tomás", "Save")
    ana.act(2, "Delete")
    ana.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    teacher.expect_messages("Hola, Tomás", "Deleted", "¿Qué tal?")
    assert [*ana.window.problems, *teacher.window.problems] == []


def test_a_correction_is_seen_live_and_is_outdated_after_an_edit(windows: tuple[Chatter, Chatter]) -> None:
    ana, teacher = windows
    ana.open_chat(TEACHER.name)
    teacher.open_chat(ANA.name)
    ana.write("Yo soy bien")
    teacher.expect_messages("Yo soy bien")
    teacher.act(1, "Correct")
    dialog = teacher.page.get_by_role("dialog")
    dialog.get_by_label("Why").fill("Estar, for how one is.")
    teacher.save("Better", "Estoy bien", "Send the correction")
    for chatter in windows:
        chatter.expect(".correction", re.compile("Estoy bien.*Estar, for how one is"))
    ana.act(1, "Edit")
    ana.save("Message", "Estoy muy bien", "Save")
    for chatter in windows:
        chatter.expect(".correction", re.compile("Of an earlier text"))


def test_a_click_survives_a_new_message(windows: tuple[Chatter, Chatter]) -> None:
    """The node under the pointer stays when the list changes between press and release."""
    ana, teacher = windows
    ana.open_chat(TEACHER.name)
    teacher.open_chat(ANA.name)
    ana.write("1")
    ana.expect_messages("1")
    ana.expect(ana.marks_of(1), re.compile("read"))
    ana.page.get_by_role("button", name="Actions").hover()
    ana.page.mouse.down()
    teacher.write("2")
    ana.page.wait_for_selector('.message[data-seq="2"]')
    ana.page.mouse.up()
    ana.page.locator('.message[data-seq="1"]').get_by_role("button", name="Edit").wait_for()


def test_a_blocked_chat_refuses_messages_until_it_is_unblocked(windows: tuple[Chatter, Chatter]) -> None:
    ana, teacher = windows
    ana.open_chat(TEACHER.name)
    teacher.open_chat(ANA.name)
    teacher.page.get_by_role("button", name="Block").click()
    teacher.page.get_by_role("dialog").get_by_role("button", name="Block").click()
    teacher.expect(".room .note", "You have blocked this chat.")
    ana.write("Hola")
    ana.expect(".pending .marks", re.compile("^Not sent: "))
    teacher.page.get_by_role("button", name="Unblock").click()
    teacher.page.wait_for_selector(".composer")
    ana.page.get_by_role("button", name="Try again").click()
    teacher.expect_messages("Hola")


def test_messages_missed_during_a_lost_connection_appear_after_it(windows: tuple[Chatter, Chatter]) -> None:
    ana, teacher = windows
    ana.open_chat(TEACHER.name)
    teacher.open_chat(ANA.name)
    ana.write("1", "2")
    teacher.expect_messages("1", "2")
    teacher.page.evaluate(CUT)
    teacher.expect(STATE, "connecting…")
    ana.write("3", "4", "5")
    ana.expect_messages("1", "2", "3", "4", "5")
    ana.act(1, "Delete")
    ana.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    ana.expect_messages("Deleted", "2", "3", "4", "5")
    assert teacher.page.locator(".message").count() == 2, "without a socket nothing arrives"
    teacher.page.evaluate("() => { window.cut = false; }")
    teacher.expect(STATE, "connected")
    teacher.expect_messages("Deleted", "2", "3", "4", "5")
    ana.write("6")
    teacher.expect_messages("Deleted", "2", "3", "4", "5", "6")
    ana.expect(ana.marks_of(6), re.compile("read"))
    type_until_seen(teacher, ana)


def test_a_message_without_a_response_is_sent_again_and_stored_once(
    windows: tuple[Chatter, Chatter],
) -> None:
    ana, teacher = windows
    ana.open_chat(TEACHER.name)
    attempts = lose_first_response(ana.page, "**/messages/**")
    ana.write("once", "then this")
    ana.expect_messages("once", "then this")
    teacher.open_chat(ANA.name)
    teacher.expect_messages("once", "then this")
    assert [attempt["content"] for attempt in attempts] == ["once", "once", "then this"]
    assert attempts[0] == attempts[1]


def test_a_window_without_a_session_says_so_and_sends_no_message(windows: tuple[Chatter, Chatter]) -> None:
    ana, _ = windows
    ana.open_chat(TEACHER.name)
    ana.page.fill(".composer textarea", "Hola")
    requests: list[tuple[str, str]] = []
    ana.page.on("request", lambda request: requests.append((request.method, request.url)))
    ana.page.evaluate(SEND_WITHOUT_A_SESSION)
    ana.expect(".note", "You are signed out. Sign in again.")
    # An event of the Realtime channel may still read the chat, with the token of before.
    assert [url for method, url in requests if method == "POST" and url.endswith("/messages/")] == []
