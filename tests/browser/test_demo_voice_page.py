"""Messages and forms of the voice practice page, with the simulator as the tutor."""

from __future__ import annotations

import re
from typing import Any

import pytest

from standins.openai.faults import Fault
from tests.fixtures.browser import expect_text, wait_until
from tests.fixtures.voice_page import begin, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, r"Tell the people who run this server\.$"), (500, r"Try again shortly\. Retry in \d+ seconds\.$")],
)
def test_an_error_proposes_a_retry_only_if_it_is_temporary(
    voice_page: Any, simulator: Any, status: int, words: str
) -> None:
    simulator.faults.add(*[Fault("/realtime/calls", status, {})] * 2)
    voice_page.click("#beginning button")
    expect_text(voice_page, "#problem", re.compile(words))


def test_an_error_without_an_openai_key_names_the_setting_of_the_simulator(
    voice_page: Any, settings: Any
) -> None:
    settings.OPENAI_API_KEY = ""
    voice_page.click("#beginning button")
    expect_text(voice_page, "#problem", re.compile("LINGUAFLEX_OPENAI_SIMULATOR=1"))
    assert "seconds" not in voice_page.inner_text("#problem")
    assert voice_page.locator("svg").count() == 3
    assert voice_page.is_visible("#beginning")
    voice_page.click("#conversations button >> nth=0")
    voice_page.click("#ask")
    expect_text(voice_page, "#problem", re.compile("LINGUAFLEX_OPENAI_SIMULATOR=1"))


def test_typing_is_offered_without_a_microphone(speaking_page: Any) -> None:
    missing = "() => { throw new DOMException('Requested device not found', 'NotFoundError'); }"
    speaking_page.evaluate(f"() => {{ MediaDevices.prototype.getUserMedia = async {missing}; }}")
    speaking_page.click("#beginning button")
    expect_text(speaking_page, "#problem", re.compile("microphone.*practise by typing"))
    assert speaking_page.is_visible("#beginning")


def test_speaking_to_the_simulator_shows_that_it_has_no_audio(voice_page: Any) -> None:
    begin(voice_page, "Typed")
    assert voice_page.is_visible("#simulated")
    assert not voice_page.is_visible("#deaf")
    voice_page.click("#end")
    voice_page.wait_for_selector("#beginning:not([hidden])")
    voice_page.select_option("#beginning [name=by]", "speaking")
    begin(voice_page, "Spoken")
    expect_text(voice_page, "#deaf", "The simulator cannot hear you: type.")
    assert voice_page.is_visible("#deaf")
    assert voice_page.inner_text("#problem") == ""


def test_the_text_field_has_the_focus_when_a_practice_has_begun(voice_page: Any) -> None:
    begin(voice_page, "At once")
    voice_page.keyboard.type("Hola.")
    assert voice_page.input_value("#sending input") == "Hola."


def test_a_selected_conversation_scrolls_into_view_with_its_feedback(voice_page: Any) -> None:
    voice_page.set_viewport_size({"width": 390, "height": 500})
    voice_page.click("#conversations button:has-text('Ordering in a restaurant')")
    expect_text(voice_page, "#chosen-topic", "Ordering in a restaurant")
    expect_text(voice_page, "#status", "not requested")
    expect_text(voice_page, "#feedback dd >> nth=0", "86")
    expect_text(voice_page, "#feedback dd li >> nth=0", "por and para")
    voice_page.wait_for_function(
        "document.querySelector('#chosen').getBoundingClientRect().top < window.innerHeight / 2"
    )
    expect_text(voice_page, "#conversations .chosen", re.compile(r"\d{1,2} [A-Z][a-z]+, 14 min, español"))
    assert voice_page.locator("#summary dt", has_text="longest streak").count() == 1


def test_the_form_has_the_languages_of_the_user(voice_page: Any) -> None:
    voice_page.click("#sign-out")
    voice_page.wait_for_selector("#sign-in:not([hidden])")
    sign_in(voice_page, "leila@example.com")
    names = ("target_language", "native_language")
    assert [voice_page.input_value(f"#beginning [name={name}]") for name in names] == ["German", "French"]


def test_the_form_for_signing_in_waits_for_the_script(voice_address: str, voice_browser: Any) -> None:
    page = voice_browser.new_page()
    held: list[Any] = []
    page.route("**/supabase/config/", lambda route: held.append(route))
    page.goto(voice_address)
    wait_until(page, lambda: held)
    assert page.is_disabled("#sign-in button")
    page.press("#sign-in [name=password]", "Enter")
    held[0].continue_()
    sign_in(page)
    assert page.url == voice_address  # the browser itself would send the password in the address
