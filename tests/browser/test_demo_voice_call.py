"""Calls from the voice practice page: WebRTC, with Chromium's fake microphone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.fixtures.browser import expect_text
from tests.fixtures.voice_page import ALL_CLOSED

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_call_ends_after_the_last_transcription(speaking_page: Any) -> None:
    speaking_page.click("#beginning button")
    expect_text(speaking_page, "#turns .text", ["¡Hola!"])
    assert not speaking_page.is_visible("#simulated")
    speaking_page.click("#end")
    speaking_page.evaluate("window.transcribe()")
    expect_text(speaking_page, "#said .text", ["Buenos días", "¡Hola!"])
    speaking_page.wait_for_function(ALL_CLOSED)
    (offer,) = speaking_page.evaluate("window.offers")
    assert offer["address"] == "https://openai.example/v1/realtime/calls"
    assert re.fullmatch(r"Bearer ek_\w+", offer["headers"]["Authorization"])
    assert offer["headers"]["Content-Type"] == "application/sdp"
    assert all(line in offer["body"] for line in ("v=0\r\n", "m=audio ", "m=application "))


@pytest.mark.parametrize(("step", "begun"), [("microphone", "microphones"), ("call", "offers")])
def test_ending_a_practice_while_it_connects_leaves_nothing_open(
    speaking_page: Any, step: str, begun: str
) -> None:
    sessions: list[str] = []
    speaking_page.on(
        "request", lambda request: sessions.append(request.url) if "session/" in request.url else None
    )
    speaking_page.evaluate(f"window.hold('{step}')")
    speaking_page.click("#beginning button")
    speaking_page.wait_for_function(f"window.{begun}.length === 1")
    expect_text(speaking_page, "#state", "connecting…")
    speaking_page.click("#end")
    assert speaking_page.is_visible("#beginning")
    speaking_page.evaluate("window.release()")
    speaking_page.wait_for_function(ALL_CLOSED)
    speaking_page.evaluate("() => fetch('/health/')")  # a request for a session would precede it
    assert not speaking_page.evaluate("window.asked")
    assert len(sessions) == (1 if step == "call" else 0)
    assert speaking_page.inner_text("#problem") == ""


def test_a_refused_session_leaves_no_microphone_open(speaking_page: Any, settings: Any) -> None:
    settings.OPENAI_API_KEY = ""
    speaking_page.click("#beginning button")
    expect_text(speaking_page, "#problem", re.compile("OPENAI_API_KEY"))
    speaking_page.wait_for_function(ALL_CLOSED)
