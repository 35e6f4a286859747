"""Calls of the practice screen: the microphone, failures, and their words."""

from __future__ import annotations

import re
from typing import Any

import pytest

from standins.openai.plans import Plan
from tests.fixtures.browser import expect_text, wait_until
from tests.fixtures.demo_app import wait_for
from tests.fixtures.voice_page import ALL_CLOSED, EVENTS, PROBLEM, begin, reopen, say

pytestmark = pytest.mark.django_db(transaction=True)

LOST = re.compile("The call has ended: the connection was lost, or the time is over.")
CALL = "**/session/*/call/"


def speak(page: Any, simulator: Any, words: str) -> None:
    """The learner speaks in the open call, which the simulator pretends to hear."""
    (call,) = simulator.calls.open()
    call.hear(words)


def test_a_spoken_practice_is_saved(speaking_page: Any, simulator: Any) -> None:
    begin(speaking_page, "Spoken")
    assert not speaking_page.is_visible(".simulated")
    speak(speaking_page, simulator, "Buenos días")
    expect_text(speaking_page, ".room .turns .mine .text", ["Buenos días"])
    speaking_page.click(".room .end")
    expect_text(speaking_page, ".columns .turns .mine .text", ["Buenos días"])
    wait_for(speaking_page, ALL_CLOSED)
    assert speaking_page.evaluate("window.microphones.length") == 1


def test_ending_at_once_keeps_the_answer_to_a_spoken_turn(speaking_page: Any, simulator: Any) -> None:
    begin(speaking_page, "Spoken")
    simulator.plans.add(Plan.LATE_RESPONSE)
    speak(speaking_page, simulator, "Buenos días")
    expect_text(speaking_page, ".room .turns .mine .text", ["Buenos días"])
    speaking_page.click(".room .end")
    expect_text(speaking_page, ".columns .turns .text >> nth=2", re.compile(r"“Buenos días”.*\?$"))


def test_ending_at_once_keeps_a_typed_turn_and_its_answer(voice_page: Any, simulator: Any) -> None:
    begin(voice_page, "Typed")
    simulator.plans.add(Plan.LATE_RESPONSE)
    voice_page.fill(".composer input", "Uno")
    voice_page.press(".composer input", "Enter")
    voice_page.click(".room .end")
    expect_text(voice_page, ".columns .turns .mine .text", ["Uno"])
    expect_text(voice_page, ".columns .turns .text >> nth=2", re.compile(r"“Uno”.*\?$"))


@pytest.mark.parametrize("step", ["microphone", "call"])
def test_ending_a_practice_while_it_connects_leaves_nothing_open(speaking_page: Any, step: str) -> None:
    held: list[Any] = []
    sessions: list[str] = []
    speaking_page.route(CALL, lambda route: held.append(route))
    speaking_page.on(
        "request", lambda one: sessions.append(one.url) if one.url.endswith("/session/") else None
    )
    if step == "microphone":
        speaking_page.evaluate("window.hold()")
    speaking_page.click(".beginning [type=submit]")
    wait_for(speaking_page, "window.microphones.length === 1")
    if step == "call":
        wait_until(speaking_page, lambda: held)
    expect_text(speaking_page, ".state", "connecting…")
    speaking_page.click(".room .end")
    assert speaking_page.is_visible(".beginning")
    if step == "microphone":
        speaking_page.evaluate("window.release()")
    closed = ALL_CLOSED if step == "call" else ALL_CLOSED.replace("window.peers.length > 0 && ", "")
    wait_for(speaking_page, closed)
    speaking_page.evaluate("() => fetch('/health/')")  # a request for a session would precede it
    assert len(sessions) == (1 if step == "call" else 0)
    assert speaking_page.locator(PROBLEM).count() == 0


def test_a_refused_session_leaves_no_microphone_open(speaking_page: Any, settings: Any) -> None:
    settings.OPENAI_API_KEY = ""
    speaking_page.click(".beginning [type=submit]")
    expect_text(speaking_page, PROBLEM, re.compile("OPENAI_API_KEY"))
    wait_for(speaking_page, ALL_CLOSED)
    assert speaking_page.is_visible(".beginning")


def test_an_offer_without_an_answer_ends_the_practice_with_words(voice_page: Any) -> None:
    voice_page.route(CALL, lambda route: None)
    voice_page.evaluate("""() => {
      const timeout = AbortSignal.timeout;
      AbortSignal.timeout = (ms) => { window.limit = ms; return timeout.call(AbortSignal, 300); };
    }""")
    voice_page.click(".beginning [type=submit]")
    expect_text(voice_page, PROBLEM, "The tutor does not answer. Try again.")
    assert voice_page.evaluate("window.limit") == 15_000
    wait_for(voice_page, ALL_CLOSED)
    voice_page.wait_for_selector(".beginning")


def test_a_call_that_the_server_ends_is_saved_and_says_so(voice_page: Any, simulator: Any) -> None:
    begin(voice_page, "Hung up")
    say(voice_page, "Uno.")
    simulator.calls.clear()
    expect_text(voice_page, PROBLEM, LOST)
    expect_text(voice_page, ".columns .turns .mine .text", ["Uno."])
    wait_for(voice_page, ALL_CLOSED)


CONNECTION = """(state) => {
  const [peer] = window.peers;
  Object.defineProperty(peer, "connectionState", { get: () => state, configurable: true });
  peer.dispatchEvent(new Event("connectionstatechange"));
  if (state === "disconnected") window.since = Date.now();
}"""


def test_a_connection_that_is_interrupted_for_five_seconds_ends_the_practice(voice_page: Any) -> None:
    begin(voice_page, "Interrupted")
    say(voice_page, "Uno.")
    voice_page.evaluate(CONNECTION, "disconnected")
    expect_text(voice_page, PROBLEM, LOST)
    assert 4_900 < voice_page.evaluate("Date.now() - window.since") < 20_000  # on a busy machine
    expect_text(voice_page, ".columns .turns .mine .text", ["Uno."])


def test_a_connection_that_recovers_continues(voice_page: Any) -> None:
    begin(voice_page, "Recovered")
    voice_page.evaluate(CONNECTION, "disconnected")
    voice_page.evaluate(CONNECTION, "connected")
    voice_page.wait_for_timeout(5_500)  # nothing happens
    say(voice_page, "Uno.")
    assert voice_page.locator(PROBLEM).count() == 0


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (Plan.FAILED_RESPONSE, "The server had an error. Try again."),
        (Plan.INCOMPLETE_RESPONSE, "The tutor's answer was too long and was cut off."),
    ],
)
def test_an_answer_that_fails_is_shown_in_words(
    voice_page: Any, simulator: Any, plan: Plan, words: str
) -> None:
    begin(voice_page, "Failing")
    simulator.plans.add(plan)
    voice_page.fill(".composer input", "Uno.")
    voice_page.press(".composer input", "Enter")
    expect_text(voice_page, PROBLEM, words)
    assert voice_page.inner_text(".state") == "connected"


def test_an_answer_that_the_learner_interrupts_is_no_failure(speaking_page: Any, simulator: Any) -> None:
    begin(speaking_page, "Barging in")
    simulator.plans.add(Plan.INTERRUPTED_RESPONSE)
    speak(speaking_page, simulator, "Uno")
    expect_text(speaking_page, ".room .turns small", "interrupted")
    assert speaking_page.locator(PROBLEM).count() == 0


def test_speech_without_a_transcription_is_shown_and_saved(speaking_page: Any, simulator: Any) -> None:
    begin(speaking_page, "Mumbling")
    simulator.plans.add(Plan.FAILED_TRANSCRIPTION)
    speak(speaking_page, simulator, "Mmm")
    expect_text(speaking_page, ".room .turns .mine .text", ["(not understood)"])
    speaking_page.click(".room .end")
    expect_text(speaking_page, ".columns .turns .mine .text", ["(not understood)"])


def test_events_of_failed_requests_are_sent_again_in_requests_of_less_than_64_kb(voice_page: Any) -> None:
    begin(voice_page, "Offline")
    voice_page.route(EVENTS, lambda route: route.abort())
    long = [f"{number} ".ljust(2_000, "ñ") for number in range(12)]
    for text in long:
        before = voice_page.locator(".room .turns li").count()
        voice_page.fill(".composer input", text)
        voice_page.press(".composer input", "Enter")
        expect_text(voice_page, f".room .turns li:nth-child({before + 2}) .text", re.compile(r"\?$"))
    sizes: list[int] = []

    def send(route: Any) -> None:
        sizes.append(len(route.request.post_data_buffer))
        route.continue_()

    voice_page.unroute(EVENTS)
    voice_page.route(EVENTS, send)
    voice_page.click(".room .end")
    expect_text(voice_page, ".columns .turns .mine .text", long)
    assert len(sizes) > 1 and sum(sizes) > 64_000
    assert max(sizes) < 40_000


OFFLINE = """() => {
  const real = window.fetch;
  window.fetch = (address, options) => (String(address).includes("/events/") && !options.keepalive
    ? Promise.reject(new TypeError("Failed to fetch")) : real(address, options));
}"""


def test_unsent_events_are_sent_when_the_page_is_left(voice_page: Any) -> None:
    begin(voice_page, "Leaving")
    say(voice_page, "Uno.")
    voice_page.evaluate(OFFLINE)
    say(voice_page, "Dos.")
    reopen(voice_page)
    voice_page.click(".unfinished button")
    expect_text(voice_page, ".columns .turns .mine .text", ["Uno.", "Dos."])
