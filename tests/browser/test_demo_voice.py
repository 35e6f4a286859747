"""The voice practice page in a real browser, with the simulator as the tutor: typed practices."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.fixtures.browser import expect_text, lose_first_response, screenshot, wait_until
from tests.fixtures.voice_page import ALL_CLOSED, FINISH, begin, say, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

HTML = "<img src=x onerror='document.title = 1'><b>hola</b>"
TOTAL = "#summary dd >> nth=0"


def conversations(page: Any) -> int:
    """The number of conversations in the summary."""
    return int(page.inner_text(TOTAL))


def test_a_practice_is_saved_and_gets_feedback(voice_page: Any) -> None:
    before = conversations(voice_page)
    begin(voice_page, HTML)
    assert voice_page.is_visible("#simulated")
    say(voice_page, "quiero dos kilos", HTML)
    said = voice_page.locator("#turns .text").all_inner_texts()
    assert said[1::2] == ["quiero dos kilos", HTML]
    assert voice_page.locator("#turns li.mine").count() == 2
    voice_page.click("#end")
    expect_text(voice_page, "#chosen-topic", HTML)
    expect_text(voice_page, "#said .text", said)
    expect_text(voice_page, "#conversations button >> nth=0", re.compile("AI feedback: not requested"))
    expect_text(voice_page, "#status", "not requested")
    expect_text(voice_page, TOTAL, str(before + 1))
    voice_page.wait_for_function(ALL_CLOSED)

    voice_page.click("#ask")
    expect_text(voice_page, "#status", "done")
    expect_text(voice_page, "#corrections q", ["quiero dos kilos", HTML])
    expect_text(voice_page, "#feedback dt >> nth=0", "grammar score")
    expect_text(voice_page, "#feedback dd >> nth=0", re.compile(r"^\d+$"))
    expect_text(voice_page, "#feedback dt >> nth=1", "pronunciation score")
    expect_text(voice_page, "#feedback dd >> nth=1", "no score")
    assert voice_page.locator("#feedback dt", has_text="CEFR estimate").count() == 1
    expect_text(voice_page, "#conversations button >> nth=0", re.compile("AI feedback: done"))
    assert voice_page.locator("svg").count() == 3
    assert voice_page.locator("svg circle.grammar_score").count() > 0
    assert voice_page.locator("#app img, #turns b, #said b").count() == 0
    assert voice_page.title() == "LinguaFlex voice practice"
    screenshot(voice_page, "demo_voice")


def test_a_very_long_word_does_not_widen_the_page_on_a_phone(voice_page: Any) -> None:
    voice_page.set_viewport_size({"width": 390, "height": 800})
    word = "Donaudampfschifffahrt" * 5
    begin(voice_page, word)
    say(voice_page, word)
    widths = "[document.documentElement.scrollWidth, window.innerWidth]"
    assert voice_page.evaluate(widths) == [390, 390]
    voice_page.click("#end")
    voice_page.click("#ask")
    expect_text(voice_page, "#corrections q", [word])
    assert voice_page.evaluate(widths) == [390, 390]


def test_a_save_without_a_response_is_repeated_and_stored_once(voice_page: Any) -> None:
    before = conversations(voice_page)
    begin(voice_page, "Once")
    say(voice_page, "Hola.")
    attempts = lose_first_response(voice_page, FINISH)
    voice_page.click("#end")
    expect_text(voice_page, "#chosen-topic", "Once")
    expect_text(voice_page, TOTAL, str(before + 1))
    assert len(attempts) == 2
    expect_text(voice_page, "#conversations button >> nth=0", re.compile(r"\d{1,2} [A-Z][a-z]+, 1 min, "))
    assert voice_page.locator("#unsaved li").count() == 0


def test_a_practice_in_which_nobody_spoke_is_not_saved(voice_page: Any) -> None:
    before = conversations(voice_page)
    begin(voice_page, "Silence")
    with voice_page.expect_response(FINISH) as finished:
        voice_page.click("#end")
    assert finished.value.status == 204
    voice_page.wait_for_selector("#beginning:not([hidden])")
    assert voice_page.inner_text("#problem") == ""
    voice_page.reload()
    sign_in(voice_page)
    assert conversations(voice_page) == before
    assert voice_page.locator("#unsaved li").count() == 0


def test_a_reload_loses_no_conversation_and_saves_none_twice(voice_page: Any) -> None:
    before = conversations(voice_page)
    begin(voice_page, "In the middle")
    say(voice_page, "Hola.", "Adiós.")
    said = voice_page.locator("#turns .text").all_inner_texts()
    voice_page.reload()
    sign_in(voice_page)
    expect_text(voice_page, "#unsaved li", re.compile("A practice with 5 turns is not finished"))
    # The page is reloaded after the server has saved, and before it gets the response.
    statuses = []

    def lose(route: Any) -> None:
        statuses.append(route.fetch().status)
        route.abort()

    voice_page.route(FINISH, lose)
    voice_page.click("#unsaved button")
    wait_until(voice_page, lambda: statuses)
    voice_page.unroute(FINISH)
    voice_page.reload()
    sign_in(voice_page)
    assert statuses[0] == 201
    expect_text(voice_page, TOTAL, str(before + 1))
    assert voice_page.locator("#unsaved li").count() == 0
    voice_page.click("#conversations button >> nth=0")
    expect_text(voice_page, "#chosen-topic", "In the middle")
    expect_text(voice_page, "#said .text", said)


def test_another_user_of_the_browser_is_not_offered_the_practice(voice_page: Any) -> None:
    begin(voice_page, "Mine")
    say(voice_page, "Hola.")
    voice_page.reload()
    sign_in(voice_page, "leila@example.com")
    assert voice_page.locator("#unsaved li").count() == 0
    voice_page.reload()
    sign_in(voice_page)
    voice_page.click("#unsaved button")
    expect_text(voice_page, "#chosen-topic", "Mine")


def test_turns_during_an_answer_get_one_answer_after_it(voice_page: Any) -> None:
    begin(voice_page, "Fast")
    voice_page.evaluate("""() => {
      for (const text of ["Uno", "Dos", "Tres"]) {
        document.querySelector("#sending input").value = text;
        document.querySelector("#sending").requestSubmit();
      }
    }""")
    expect_text(voice_page, "#turns li:not(.mine) >> nth=-1", re.compile(r"^Simulated: You said “Tres”.*\?$"))
    say(voice_page, "Cuatro")  # a surplus answer would be shown by now
    assert voice_page.locator("#turns .mine .text").all_inner_texts() == ["Uno", "Dos", "Tres", "Cuatro"]
    # The greeting, one or two answers to the first three sentences, one to the last. It is one answer if the
    # greeting had not ended.
    assert voice_page.locator("#turns li:not(.mine)").count() in (3, 4)
    assert voice_page.inner_text("#problem") == ""


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
    voice_page.click("#end")
    expect_text(voice_page, "#said .mine .text", ["Uno.", "Dos."])
    assert voice_page.inner_text("#problem") == ""


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
    client = "(await import('/static/local/demo_client.js')).client"
    voice_page.evaluate(f"async () => {{ await {client}.auth.signOut({{ scope: 'local' }}); }}")
    sent: list[Any] = []
    voice_page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    voice_page.fill("#sending input", "Dos.")
    voice_page.press("#sending input", "Enter")
    expect_text(voice_page, "#problem", re.compile("You are signed out. Sign in again."))
    voice_page.wait_for_function(ALL_CLOSED)
    assert voice_page.is_visible("#beginning")
    assert [request.url for request in sent] == []
