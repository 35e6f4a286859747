"""Typed practices in the demo app, with the simulator as the tutor."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.fixtures.browser import expect_text, lose_first_response, wait_until
from tests.fixtures.demo_app import wait_for
from tests.fixtures.voice_page import (
    ALL_CLOSED,
    FINISH,
    LEARNER,
    PROBLEM,
    begin,
    conversations,
    expect_saved,
    reopen,
    say,
)

pytestmark = pytest.mark.django_db(transaction=True)

HTML = "<img src=x onerror='document.title = 1'><b>hola</b>"


def test_a_practice_is_saved_and_gets_feedback(voice_page: Any) -> None:
    before = conversations(voice_page)
    begin(voice_page, HTML)
    assert voice_page.is_visible(".simulated")
    say(voice_page, "quiero dos kilos", HTML)
    said = voice_page.locator(".room .turns .text").all_inner_texts()
    assert said[1::2] == ["quiero dos kilos", HTML]
    assert voice_page.locator(".room .turns li.mine").count() == 2
    voice_page.click(".room .end")
    expect_saved(voice_page, HTML)
    expect_text(voice_page, ".columns .turns .text", said)
    expect_text(voice_page, ".feedback-card [role=status]", "Feedback: none")
    assert conversations(voice_page) == before + 1
    wait_for(voice_page, ALL_CLOSED)

    voice_page.click(".feedback-card button")
    expect_text(voice_page, ".feedback-card [role=status]:first-child", "Feedback: done")
    expect_text(voice_page, ".correction.ai del", ["quiero dos kilos", HTML])
    expect_text(voice_page, "mark.ai", ["quiero dos kilos", HTML])
    expect_text(voice_page, ".score dt", ["Grammar", "Pronunciation"])
    expect_text(voice_page, ".score dd", [re.compile(r"^\d+$"), "no score"])
    expect_text(voice_page, ".feedback .gold", re.compile("CEFR estimate: [ABC][12]"))
    expect_text(voice_page, ".cards-made p", re.compile("^2 cards come from this conversation, 2 due now"))
    assert voice_page.locator(".columns img, .turns b").count() == 0
    assert voice_page.title() == f"{HTML} · LinguaFlex"


def test_a_very_long_word_does_not_widen_the_page_on_a_phone(voice_page: Any) -> None:
    voice_page.set_viewport_size({"width": 390, "height": 800})
    word = "Donaudampfschifffahrt" * 5
    begin(voice_page, word)
    say(voice_page, word)
    widths = "[document.documentElement.scrollWidth, window.innerWidth]"
    assert voice_page.evaluate(widths) == [390, 390]
    voice_page.click(".room .end")
    voice_page.click(".feedback-card button")
    expect_text(voice_page, ".correction.ai del", [word])
    assert voice_page.evaluate(widths) == [390, 390]


def test_a_save_without_a_response_is_repeated_and_stored_once(voice_page: Any) -> None:
    before = conversations(voice_page)
    begin(voice_page, "Once")
    say(voice_page, "Hola.")
    attempts = lose_first_response(voice_page, FINISH)
    voice_page.click(".room .end")
    expect_saved(voice_page, "Once")
    assert conversations(voice_page) == before + 1
    assert len(attempts) == 2
    expect_text(voice_page, "header .soft", "today · 1 min · Spanish · Language Practice")


def test_a_practice_in_which_nobody_spoke_is_not_saved(voice_page: Any) -> None:
    before = conversations(voice_page)
    begin(voice_page, "Silence")
    with voice_page.expect_response(FINISH) as finished:
        voice_page.click(".room .end")
    assert finished.value.status == 204
    voice_page.wait_for_selector(".beginning")
    assert voice_page.locator(PROBLEM).count() == 0
    reopen(voice_page)
    assert conversations(voice_page) == before
    assert voice_page.locator(".unfinished").count() == 0


def test_a_reload_loses_no_conversation_and_saves_none_twice(voice_page: Any) -> None:
    before = conversations(voice_page)
    begin(voice_page, "In the middle")
    say(voice_page, "Hola.", "Adiós.")
    said = voice_page.locator(".room .turns .text").all_inner_texts()
    reopen(voice_page)
    expect_text(voice_page, ".unfinished", re.compile("A practice with 5 turns is not finished"))
    # The page is reloaded after the server has saved, and before it gets the response.
    statuses = []

    def lose(route: Any) -> None:
        statuses.append(route.fetch().status)
        route.abort()

    voice_page.route(FINISH, lose)
    voice_page.click(".unfinished button")
    wait_until(voice_page, lambda: statuses)
    reopen(voice_page)
    voice_page.unroute(FINISH)
    assert statuses[0] == 201
    assert conversations(voice_page) == before + 1
    assert voice_page.locator(".unfinished").count() == 0
    voice_page.click("nav >> text=History")
    voice_page.click(".conversation-item >> nth=0")
    expect_saved(voice_page, "In the middle")
    expect_text(voice_page, ".columns .turns .text", said)


def test_another_user_of_the_browser_is_not_offered_the_practice(voice_page: Any) -> None:
    begin(voice_page, "Mine")
    say(voice_page, "Hola.")
    reopen(voice_page, "leila@example.com")
    assert voice_page.locator(".unfinished").count() == 0
    reopen(voice_page, LEARNER.email)
    voice_page.click(".unfinished button")
    expect_saved(voice_page, "Mine")


def test_turns_during_an_answer_get_one_answer_after_it(voice_page: Any) -> None:
    begin(voice_page, "Fast")
    voice_page.evaluate("""() => {
      for (const text of ["Uno", "Dos", "Tres"]) {
        document.querySelector(".composer input").value = text;
        document.querySelector(".composer").requestSubmit();
      }
    }""")
    last = ".room .turns li:not(.mine) .text >> nth=-1"
    expect_text(voice_page, last, re.compile(r"^Simulated: You said “Tres”.*\?$"))
    say(voice_page, "Cuatro")  # a surplus answer would be shown by now
    assert voice_page.locator(".room .turns .mine .text").all_inner_texts() == [
        "Uno",
        "Dos",
        "Tres",
        "Cuatro",
    ]
    # The greeting, one or two answers to the first three sentences, one to the last. It is one answer if the
    # greeting had not ended.
    assert voice_page.locator(".room .turns li:not(.mine)").count() in (3, 4)
    assert voice_page.locator(PROBLEM).count() == 0


@pytest.mark.parametrize(
    "broken",
    [
        "Storage.prototype.setItem = () => { throw new DOMException('Full.', 'QuotaExceededError'); };",
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('No.'); } });",
    ],
    ids=["full", "forbidden"],
)
def test_a_browser_without_storage_practises_and_saves(voice_page: Any, broken: str) -> None:
    voice_page.evaluate(f"() => {{ {broken} }}")
    begin(voice_page, "Full")
    say(voice_page, "Uno.", "Dos.")
    voice_page.click(".room .end")
    expect_text(voice_page, ".columns .turns .mine .text", ["Uno.", "Dos."])
    assert voice_page.locator(PROBLEM).count() == 0


def reports_the_answer(response: Any) -> bool:
    """Whether the response is that to the report of the last event of the answer to "Uno."."""
    if not response.url.endswith("/events/"):
        return False
    events = response.request.post_data_json["events"]
    return any(event["type"] == "response.done" and "Uno" in str(event) for event in events)


def test_a_page_whose_session_has_ended_says_so_and_repeats_nothing(voice_page: Any) -> None:
    begin(voice_page, "Signed out")
    with voice_page.expect_response(reports_the_answer):
        say(voice_page, "Uno.")
    client = "(await import('/static/demo/client.js')).supabase"
    voice_page.evaluate(f"async () => {{ await {client}.auth.signOut({{ scope: 'local' }}); }}")
    sent: list[Any] = []
    voice_page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    voice_page.fill(".composer input", "Dos.")
    voice_page.press(".composer input", "Enter")
    expect_text(voice_page, ".note", "You are signed out. Sign in again.")
    wait_for(voice_page, ALL_CLOSED)
    assert voice_page.is_visible(".person")
    assert [request.url for request in sent] == []
