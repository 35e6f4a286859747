"""The voice practice page in a real browser, with the simulator as the tutor."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from linguaflex.local import demo
from tests.browser.test_fetch import PATIENCE, chromium, lose_first_answer

pytestmark = pytest.mark.django_db(transaction=True)

LEARNER = demo.LEARNERS[0]
HTML = "<img src=x onerror='document.title = 1'><b>hola</b>"
SAVES = "**/accounts/voice-conversations/"
TOTAL = "#summary dd >> nth=0"
# Lets a test drop the line to the tutor.
SOCKETS = """
  window.sockets = [];
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(url, ...more) { super(url, ...more); window.sockets.push(this); }
  };
"""


@pytest.fixture
def address(live_server: Any, supabase: Any, clean_auth: None, simulator: Any, worker: None) -> str:
    """The page, with the demo people behind it."""
    with connection.cursor() as cursor:
        cursor.execute("truncate auth.users, standin.mails cascade")
    demo.seed_if_empty()
    return f"{live_server.url}/demo/voice/"


@pytest.fixture
def page(address: str) -> Iterator[Any]:
    """The learner's page, signed in."""
    with chromium() as browser:
        page = browser.new_context().new_page()
        page.set_default_timeout(PATIENCE * 1000)
        errors: list[str] = []
        hosts = set()
        page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.add_init_script(SOCKETS)
        page.goto(address)
        sign_in(page)
        yield page
        assert not errors
        assert hosts <= {"localhost", "127.0.0.1", None}  # None: the icon, which is in the page


def sign_in(page: Any, email: str = LEARNER.email) -> None:
    page.select_option("#sign-in select", email)
    page.click("#sign-in button")
    page.wait_for_selector("#app:not([hidden])")


def expect(page: Any, selector: str, text: str | re.Pattern[str] | list[Any]) -> None:
    """Waits until exactly this stands there."""
    from playwright.sync_api import expect

    expect(page.locator(selector)).to_have_text(text, timeout=PATIENCE * 1000)


def begin(page: Any, topic: str) -> None:
    page.fill("#beginning [name=topic]", topic)
    page.click("#beginning button")
    expect(page, "#state", "connected")
    expect(page, "#turns .text", [re.compile("^Simulated: Hello")])


def say(page: Any, *texts: str) -> None:
    """Says these, each after the answer to the one before."""
    for text in texts:
        before = page.locator("#turns li").count()
        page.fill("#sending input", text)
        page.press("#sending input", "Enter")
        page.wait_for_function(f"document.querySelectorAll('#turns li').length === {before + 2}")


def is_save(answer: Any) -> bool:
    return answer.request.method == "POST" and answer.url.endswith("/accounts/voice-conversations/")


def conversations(page: Any) -> int:
    """How many the summary counts."""
    return int(page.inner_text(TOTAL))


def test_a_practice_from_the_first_word_to_the_feedback(page: Any) -> None:
    before = conversations(page)
    begin(page, HTML)
    assert page.is_visible("#simulated")
    say(page, "quiero dos kilos", HTML)
    said = page.locator("#turns .text").all_inner_texts()
    assert said[1::2] == ["quiero dos kilos", HTML]
    assert page.locator("#turns li.mine").count() == 2
    page.click("#end")
    expect(page, "#chosen-topic", HTML)
    expect(page, "#said .text", said)
    expect(page, "#conversations button >> nth=0", re.compile("AI feedback: not asked for"))
    expect(page, "#status", "not asked for")
    expect(page, TOTAL, str(before + 1))

    page.click("#ask")
    expect(page, "#status", "done")
    expect(page, "#corrections q", ["quiero dos kilos", HTML])
    expect(page, "#feedback dt >> nth=0", "grammar score")
    expect(page, "#feedback dd >> nth=0", re.compile(r"^\d+$"))
    expect(page, "#feedback dt >> nth=1", "pronunciation score")
    expect(page, "#feedback dd >> nth=1", "not judged")
    assert page.locator("#feedback dt", has_text="CEFR estimate").count() == 1
    expect(page, "#conversations button >> nth=0", re.compile("AI feedback: done"))
    assert page.locator("svg").count() == 3
    assert page.locator("svg circle.grammar_score").count() > 0
    assert page.locator("#app img, #turns b, #said b").count() == 0
    assert page.title() == "LinguaFlex voice practice"
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/demo_voice.png", full_page=True)


def test_the_longest_word_fits_into_a_phone(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    word = "Donaudampfschifffahrt" * 5
    begin(page, word)
    say(page, word)
    widths = "[document.documentElement.scrollWidth, window.innerWidth]"
    assert page.evaluate(widths) == [390, 390]
    page.click("#end")
    page.click("#ask")
    expect(page, "#corrections q", [word])
    assert page.evaluate(widths) == [390, 390]


def test_a_save_without_an_answer_is_repeated_and_saved_once(page: Any) -> None:
    before = conversations(page)
    begin(page, "Once")
    say(page, "Hola.")
    attempts = lose_first_answer(page, SAVES)
    page.click("#end")
    expect(page, "#chosen-topic", "Once")
    expect(page, TOTAL, str(before + 1))
    assert len(attempts) == 2
    assert attempts[0] == attempts[1]
    assert 0 < attempts[0]["duration_minutes"] < 1
    expect(page, "#conversations button >> nth=0", re.compile(r"\d{1,2} [A-Z][a-z]+, 1 min, "))
    assert page.locator("#unsaved li").count() == 0


def test_a_reload_loses_nothing_and_saves_nothing_twice(page: Any) -> None:
    before = conversations(page)
    begin(page, "In the middle")
    say(page, "Hola.", "Adiós.")
    said = page.locator("#turns .text").all_inner_texts()
    page.reload()
    sign_in(page)
    expect(page, "#unsaved li", re.compile("In the middle, 5 turns, not saved yet"))
    # Its end is asked for, and the page goes before the server's word is there.
    statuses = []

    def lose(route: Any) -> None:
        statuses.append(route.fetch().status)
        route.abort()

    page.route(SAVES, lose)
    page.click("#unsaved button >> text=Save")
    expect(page, "#unsaved li", re.compile("saving"))
    while not statuses:
        page.wait_for_timeout(50)
    page.unroute(SAVES)
    page.reload()
    with page.expect_response(lambda answer: is_save(answer)) as saved:
        sign_in(page)
    assert (statuses[0], saved.value.status) == (201, 200)
    expect(page, "#chosen-topic", "In the middle")
    expect(page, "#said .text", said)
    assert page.locator("#unsaved li").count() == 0
    expect(page, TOTAL, str(before + 1))


def test_a_dropped_line_is_taken_up_again(page: Any) -> None:
    begin(page, "Two lines")
    say(page, "Uno.")
    page.evaluate("window.sockets.at(-1).close()")
    expect(page, "#state", "not connected")
    expect(page, "#problem", re.compile("connection was lost"))
    page.click("#again")
    expect(page, "#state", "connected")
    say(page, "Dos.")
    assert page.locator("#turns .mine .text").all_inner_texts() == ["Uno.", "Dos."]
    page.click("#end")
    expect(page, "#said .mine .text", ["Uno.", "Dos."])


def test_an_end_while_it_connects_again_saves_once_and_closes_the_line(page: Any) -> None:
    begin(page, "Impatient")
    say(page, "Uno.")
    page.evaluate("window.sockets.at(-1).close()")
    expect(page, "#state", "not connected")
    asked: list[Any] = []
    page.route("**/session/", lambda route: asked.append(route))
    page.click("#again")
    expect(page, "#state", "connecting…")
    page.click("#end")
    expect(page, "#said .mine .text", ["Uno."])
    while not asked:
        page.wait_for_timeout(50)
    asked[0].continue_()
    tutors = "window.sockets.filter(({ url }) => url.includes('model='))"
    page.wait_for_function(f"{tutors}.length === 2 && {tutors}.every((line) => line.readyState === 3)")
    assert page.locator("#unsaved li").count() == 0
    assert page.is_visible("#beginning")


def test_what_is_said_while_the_tutor_answers_is_answered_after_it(page: Any) -> None:
    begin(page, "Fast")
    page.evaluate("""() => {
      for (const text of ["Uno", "Dos", "Tres"]) {
        document.querySelector("#sending input").value = text;
        document.querySelector("#sending").requestSubmit();
      }
    }""")
    expect(page, "#turns li:not(.mine) >> nth=2", re.compile("^Simulated: You said “Tres”"))
    page.wait_for_timeout(1000)
    assert page.locator("#turns .mine .text").all_inner_texts() == ["Uno", "Dos", "Tres"]
    assert page.locator("#turns li:not(.mine)").count() == 3  # hello, to the first, to the others together
    assert page.inner_text("#problem") == ""
