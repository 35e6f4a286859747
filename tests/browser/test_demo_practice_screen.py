"""Messages and the form of the practice screen, with the simulator as the tutor."""

from __future__ import annotations

import re
from typing import Any

import pytest

from standins.openai.faults import Fault
from tests.fixtures.browser import expect_text
from tests.fixtures.voice_page import PROBLEM, begin, choose_speaking, reopen

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, r"Tell the people who run this server\.$"), (500, r"Try again shortly\. Retry in \d+ seconds\.$")],
)
def test_an_error_proposes_a_retry_only_if_it_is_temporary(
    voice_page: Any, simulator: Any, status: int, words: str
) -> None:
    simulator.faults.add(*[Fault("/realtime/calls", status, {})] * 2)
    voice_page.click(".beginning [type=submit]")
    expect_text(voice_page, PROBLEM, re.compile(words))


def test_an_error_without_an_openai_key_names_the_setting_of_the_simulator(
    voice_page: Any, settings: Any
) -> None:
    settings.OPENAI_API_KEY = ""
    voice_page.click(".beginning [type=submit]")
    expect_text(voice_page, PROBLEM, re.compile("LINGUAFLEX_OPENAI_SIMULATOR=1"))
    assert "seconds" not in voice_page.inner_text(PROBLEM)
    assert voice_page.is_visible(".beginning")
    voice_page.click("nav >> text=History")
    voice_page.click(".conversation-item >> nth=0")
    voice_page.click(".feedback-card button")
    expect_text(voice_page, PROBLEM, re.compile("LINGUAFLEX_OPENAI_SIMULATOR=1"))


def test_typing_is_offered_without_a_microphone(speaking_page: Any) -> None:
    missing = "() => { throw new DOMException('Requested device not found', 'NotFoundError'); }"
    speaking_page.evaluate(f"() => {{ MediaDevices.prototype.getUserMedia = async {missing}; }}")
    speaking_page.click(".beginning [type=submit]")
    expect_text(speaking_page, PROBLEM, re.compile("microphone.*practise by typing"))
    assert speaking_page.is_visible(".beginning")


def test_speaking_to_the_simulator_shows_that_it_has_no_audio(voice_page: Any) -> None:
    begin(voice_page, "Typed")
    assert voice_page.is_visible(".simulated")
    assert not voice_page.is_visible(".simulated b")
    voice_page.click(".room .end")
    voice_page.wait_for_selector(".beginning")
    choose_speaking(voice_page)
    begin(voice_page, "Spoken")
    expect_text(voice_page, ".simulated b", "The simulator cannot hear you: type.")
    assert voice_page.is_visible(".simulated b")
    assert voice_page.locator(PROBLEM).count() == 0


def test_the_text_field_has_the_focus_when_a_practice_has_begun(voice_page: Any) -> None:
    begin(voice_page, "At once")
    voice_page.keyboard.type("Hola.")
    assert voice_page.input_value(".composer input") == "Hola."


def test_the_form_has_the_languages_of_the_user(voice_page: Any) -> None:
    reopen(voice_page, "leila@example.com")
    names = ("target_language", "native_language")
    values = [voice_page.input_value(f".beginning [name={name}]") for name in names]
    assert values == ["German", "French"]
