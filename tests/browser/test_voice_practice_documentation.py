"""The client of docs/VOICE_PRACTICE.md in a real browser, with the simulator as the tutor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from linguaflex.local import demo
from standins.openai.plans import Plan
from tests.fixtures.browser import PATIENCE
from tests.fixtures.documentation import PRACTICE_BLOCKS, SERVER, practice_json
from tests.fixtures.voice_page import ALL_CLOSED, OPENED

pytestmark = pytest.mark.django_db(transaction=True)

# supabase-js comes from the app, and the script contains both modules.
CLIENT = 'const { createClient } = await import("/static/demo/vendor/supabase.js");'
IMPORTS = {
    'import { createClient } from "@supabase/supabase-js";': CLIENT,
    'import { call, pause, persist } from "./client.js";': "",
}
BEGIN = """
  const { data } = await supabase.auth.signInWithPassword({ email: EMAIL, password: PASSWORD });
  window.problems = [];
  window.ended = [];
  window.heard = [];
  const page = {
    opened(session) { window.session = session; practice.send({ type: "response.create" }); },
    hear({ type }) { window.heard.push(type); },
    turns(turns) { window.turns = turns; },
    problem(error) { window.problems.push(error.message); },
    over(conversation) { window.ended.push(conversation); },
  };
  const wish = { topic: "At the market", target_language: "Spanish", native_language: "English",
    conversation_type: "conversation" };
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  const practice = practise(wish, microphone, page);
  window.client = { supabase, call, persist, practice, me: data.user.id };
"""
TRANSCRIBED = "window.heard.includes('conversation.item.input_audio_transcription.completed')"
FEEDBACK = """async () => {
  const { supabase, call, persist, me } = window.client;
  const { id } = window.ended[0];
  await supabase.realtime.setAuth();
  const event = await new Promise((heard) => supabase
    .channel(`user:${me}`, { config: { private: true } })
    .on("broadcast", { event: "feedback" }, ({ payload }) => heard(payload))
    .subscribe(async (status) => {
      if (status === "SUBSCRIBED") window.queued = await call("POST", `${id}/generate_feedback/`);
    }));
  const [judged, progress] = [await persist("GET", `${id}/`), await call("GET", "progress/?interval=week")];
  return { event, queued: window.queued, judged, progress };
}"""


def keys_of(value: Any) -> Any:
    """The nested keys of a JSON value; of a list, those of its first element."""
    if isinstance(value, dict):
        return {key: keys_of(each) for key, each in value.items()}
    return [keys_of(each) for each in value[:1]] if isinstance(value, list) else None


@pytest.fixture
def practising(voice_address: str, demo_browser: Any, demo_url: str) -> Iterator[Any]:
    """A page whose learner speaks with the tutor."""
    script = "\n".join(PRACTICE_BLOCKS).replace(SERVER, demo_url)
    for line, instead in IMPORTS.items():
        assert line in script
        script = script.replace(line, instead)
    login = f'const EMAIL = "{demo.LEARNERS[0].email}", PASSWORD = "{demo.PASSWORD}";'
    page = demo_browser.new_context(permissions=["microphone"], bypass_csp=True).new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.add_init_script(OPENED)
    page.goto(voice_address)
    page.add_script_tag(content=f"{script.replace('export ', '')}\n{login}\n{BEGIN}", type="module")
    page.wait_for_function("window.client")
    yield page


def texts(page: Any) -> list[tuple[str, str]]:
    """The roles and texts of the turns."""
    return [(turn["role"], turn["text"]) for turn in page.evaluate("window.turns ?? []")]


def test_the_documented_client_saves_a_practice_and_gets_feedback(practising: Any, simulator: Any) -> None:
    practising.wait_for_function("window.turns?.length === 1 && window.turns[0].text.endsWith('?')")
    (call,) = simulator.calls.open()
    simulator.plans.add(Plan.LATE_RESPONSE)
    call.hear("quiero dos kilos")
    practising.wait_for_function(TRANSCRIBED)
    practising.evaluate("window.client.practice.end()")  # the answer is still to come
    practising.wait_for_function("window.ended.length === 1")
    assert practising.evaluate("window.problems") == []
    said = texts(practising)
    assert [role for role, _ in said] == ["assistant", "user", "assistant"]
    assert said[1] == ("user", "quiero dos kilos")
    (saved,) = practising.evaluate("window.ended")
    assert [turn["text"] for turn in saved["transcription"]["messages"]] == [text for _, text in said]
    practising.wait_for_function(ALL_CLOSED)

    found, page = practising.evaluate(FEEDBACK), practice_json()
    assert found["judged"]["generated_feedback"]["corrections"][0]["quote"] == "quiero dos kilos"
    assert found["queued"] == page["generate_feedback/"]
    assert page["feedback"].keys() <= found["event"].keys()
    assert keys_of(found["judged"]["generated_feedback"]) == keys_of(page["generated_feedback"])
    assert keys_of(found["progress"]) == keys_of(page["progress/"])


def test_a_client_that_is_signed_out_in_another_tab_stops_and_says_so(
    practising: Any, simulator: Any
) -> None:
    practising.wait_for_function("window.turns?.length === 1")
    other = practising.context.new_page()
    other.goto(practising.url)
    other.evaluate("() => localStorage.clear()")
    (call,) = simulator.calls.open()
    call.hear("Hola")
    practising.wait_for_function("window.ended.length === 1")
    assert set(practising.evaluate("window.problems")) == {"You are signed out. Sign in again."}
    practising.wait_for_function(ALL_CLOSED)


def test_a_call_that_the_server_ends_leaves_nothing_open(practising: Any, simulator: Any) -> None:
    practising.wait_for_function("window.turns?.length === 1")
    simulator.calls.clear()
    practising.wait_for_function("window.ended.length === 1")
    assert practising.evaluate("window.ended") == [None]  # nobody spoke
    assert practising.evaluate("window.problems[0]").startswith("The call has ended")
    practising.wait_for_function(ALL_CLOSED)
