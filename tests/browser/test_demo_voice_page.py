"""What the voice practice page says, shows and knows, with the simulator as the tutor."""

from __future__ import annotations

import re
from typing import Any

import pytest

from standins.openai.faults import Fault
from tests.browser.test_demo_voice import address, begin, expect, page, sign_in

__all__ = ["address", "page"]  # fixtures

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, r"Tell the people who run this server\.$"), (500, r"Try again shortly\. Again in 5 seconds\.$")],
)
def test_a_repetition_is_proposed_where_it_may_help(
    page: Any, simulator: Any, status: int, words: str
) -> None:
    simulator.faults.add(*[Fault("/client_secrets", status, {})] * 2)
    page.click("#beginning button")
    expect(page, "#problem", re.compile(words))


def test_a_server_without_openai_says_what_to_do(page: Any, settings: Any) -> None:
    settings.OPENAI_API_KEY = ""
    page.click("#beginning button")
    expect(page, "#problem", re.compile("LINGUAFLEX_OPENAI_SIMULATOR=1"))
    assert "seconds" not in page.inner_text("#problem")
    assert page.locator("svg").count() == 3
    assert page.is_visible("#beginning")
    page.click("#conversations button >> nth=0")
    page.click("#ask")
    expect(page, "#problem", re.compile("LINGUAFLEX_OPENAI_SIMULATOR=1"))


def test_without_a_microphone_typing_is_offered(page: Any) -> None:
    def elsewhere(route: Any) -> None:
        """The session, as of a server with a key for OpenAI."""
        tutor = {"realtime_url": "https://openai.example/v1/realtime"}
        route.fulfill(json=route.fetch().json() | tutor)

    page.route("**/session/", elsewhere)
    page.select_option("#beginning [name=by]", "speaking")
    page.click("#beginning button")
    expect(page, "#problem", re.compile("microphone.*practise by typing"))
    assert page.is_visible("#beginning")


def test_the_simulator_says_that_it_cannot_hear(page: Any) -> None:
    begin(page, "Typed")
    assert page.is_visible("#simulated")
    assert not page.is_visible("#deaf")
    page.click("#end")
    page.select_option("#beginning [name=by]", "speaking")
    begin(page, "Spoken")
    expect(page, "#deaf", "The simulator cannot hear you: type.")
    assert page.is_visible("#deaf")
    assert page.inner_text("#problem") == ""


def test_the_words_go_into_the_field_once_it_has_begun(page: Any) -> None:
    begin(page, "At once")
    page.keyboard.type("Hola.")
    assert page.input_value("#sending input") == "Hola."


def test_feedback_that_was_saved_with_a_conversation_is_shown_in_view(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 500})
    page.click("#conversations button:has-text('Ordering in a restaurant')")
    expect(page, "#chosen-topic", "Ordering in a restaurant")
    expect(page, "#status", "not asked for")
    expect(page, "#feedback dd >> nth=0", "86")
    expect(page, "#feedback dd li >> nth=0", "por and para")
    page.wait_for_function(
        "document.querySelector('#chosen').getBoundingClientRect().top < window.innerHeight / 2"
    )
    expect(page, "#conversations .chosen", re.compile(r"\d{1,2} [A-Z][a-z]+, 14 min, español"))
    assert page.locator("#summary dt", has_text="longest streak").count() == 1


def test_the_form_knows_the_languages_of_who_signed_in(page: Any) -> None:
    page.click("#sign-out")
    page.wait_for_selector("#sign-in:not([hidden])")
    sign_in(page, "leila@example.com")
    names = ("target_language", "native_language")
    assert [page.input_value(f"#beginning [name={name}]") for name in names] == ["German", "French"]
