"""The call of docs/VOICE_PRACTICE.md in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from linguaflex.local import demo
from standins.openai.faults import Fault
from tests.fixtures.documentation import PRACTICE_BLOCKS, SERVER
from tests.fixtures.voice_page import ALL_CLOSED

pytestmark = pytest.mark.django_db(transaction=True)

PRACTICE = """{ topic: "At the market", target_language: "Spanish", native_language: "English",
  conversation_type: "conversation" }"""
# The open page has loaded supabase-js, and the script contains the module turns.js.
IMPORTS = {
    'import { createClient } from "@supabase/supabase-js";': "const { createClient } = window.supabase;",
    'import { outstanding, turnsOf } from "./turns.js"; // below': "",
}


@pytest.fixture
def practising(speaking_page: Any, demo_url: str) -> Iterator[Any]:
    """A page with the documented client and a logged-in user."""
    script = "\n".join(PRACTICE_BLOCKS).replace(SERVER, demo_url)
    for line, instead in IMPORTS.items():
        assert line in script
        script = script.replace(line, instead)
    script += f"""
      const person = await signIn("ana@example.com", "{demo.PASSWORD}");
      window.client = {{ person, practice: {PRACTICE}, record, openCall, end, turnsOf }};
    """
    speaking_page.add_script_tag(content=script, type="module")
    speaking_page.wait_for_function("window.client")
    yield speaking_page


def opened(page: Any) -> str:
    """Opens a call and returns the error message, or an empty string."""
    return str(
        page.evaluate("""async () => {
          const { person, practice, record, openCall } = window.client;
          window.recorded = record(person, practice);
          const lose = () => { window.lost = true; };
          const opening = openCall(person, practice, window.recorded.hear, lose);
          return opening.then((line) => { window.line = line; return ""; }, (error) => error.message);
        }""")
    )


def test_the_documented_call_receives_events_and_ends_after_the_last_transcription(practising: Any) -> None:
    assert opened(practising) == ""
    practising.wait_for_function("window.client.turnsOf(window.recorded.events).length === 1")
    practising.evaluate("""() => {
      const ended = window.client.end(window.line, window.recorded);
      window.transcribe();
      return ended;
    }""")
    turns = practising.evaluate("window.recorded.draft.transcription.messages")
    assert [turn["text"] for turn in turns] == ["Buenos días", "¡Hola!"]
    practising.wait_for_function(ALL_CLOSED)
    assert not practising.evaluate("window.lost")


def test_a_refused_session_leaves_no_microphone_open(practising: Any, settings: Any) -> None:
    settings.OPENAI_API_KEY = ""
    assert "OPENAI_API_KEY" in opened(practising)
    practising.wait_for_function(ALL_CLOSED)


def test_a_refused_call_leaves_nothing_open(practising: Any, simulator: Any) -> None:
    practising.unroute("**/session/")
    simulator.faults.add(Fault("/calls", 501, {}))
    assert "501" in opened(practising)
    practising.wait_for_function(ALL_CLOSED)
    assert practising.evaluate("window.peers.length") == 1
    assert not practising.evaluate("window.lost")
