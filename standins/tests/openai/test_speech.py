"""Speech in the simulator's sessions: turns, failures and interruptions on demand, and usage."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from standins.openai import events
from standins.openai.plans import Plan, Plans
from standins.openai.realtime_responses import SPOKEN_MS_PER_WORD
from standins.openai.sessions import Session

Event = dict[str, Any]
Script = Callable[["Learner"], Awaitable[None]]
PATIENCE = 5  # seconds
TRANSCRIPTION = "conversation.item.input_audio_transcription"
SESSION = {
    "type": "realtime",
    "model": "m",
    "instructions": "x" * 400,
    "audio": {"input": {"transcription": {"model": "gpt-transcribe", "languages": ["es", "en"]}}},
}


class Learner:
    """The client of a session. Server events are validated by the types of the official package."""

    def __init__(self, coming: Plans, settings: dict[str, Any], *, over_webrtc: bool) -> None:
        self.received: list[Event] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._session = Session(settings, self._receive, self._spawn, coming, over_webrtc=over_webrtc)

    async def say(self, text: str, milliseconds: int = 1000) -> None:
        await self._session.hear(text, milliseconds)

    async def send(self, kind: str, **fields: Any) -> None:
        await self._session.handle({"type": kind, **fields})

    async def until(self, kind: str) -> None:
        """Waits for an event of this kind."""
        while not of_kind(self.received, kind):
            await asyncio.sleep(0.001)

    async def rest(self) -> None:
        """Waits for the end of all answers."""
        while pending := [task for task in self._tasks if not task.done()]:
            await asyncio.gather(*pending)

    async def _receive(self, kind: str, **fields: Any) -> None:
        self.received.append(json.loads(events.frame(kind, fields)))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(work))


def events_of(script: Script, *plans: Plan, over_webrtc: bool = True, **settings: Any) -> list[Event]:
    """The events of a session in which the learner follows ``script``."""

    async def run() -> list[Event]:
        coming = Plans()
        coming.add(*plans)
        learner = Learner(coming, SESSION | settings, over_webrtc=over_webrtc)
        await script(learner)
        await learner.rest()
        return learner.received

    return asyncio.run(asyncio.wait_for(run(), PATIENCE))


async def one_turn(learner: Learner) -> None:
    await learner.say("Ayer fui al mercado.", 3200)


async def two_turns(learner: Learner) -> None:
    await learner.say("Ayer fui al mercado.", 3200)
    await learner.until("response.output_audio_transcript.delta")
    await learner.say("Perdón, espera.")


def kinds(found: list[Event]) -> list[str]:
    return [event["type"] for event in found]


def of_kind(found: list[Event], kind: str) -> list[Event]:
    return [event for event in found if event["type"] == kind]


def done(found: list[Event]) -> list[Event]:
    """The responses in the order of their ends."""
    return [event["response"] for event in of_kind(found, "response.done")]


# --------------------------------------------------------------------------------------- turns


def test_spoken_turn_has_the_events_of_openai() -> None:
    found = events_of(one_turn)
    assert kinds(found)[:5] == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
    ]
    (completed,) = of_kind(found, f"{TRANSCRIPTION}.completed")
    assert completed["transcript"] == "Ayer fui al mercado."
    assert completed["usage"] == {"type": "duration", "seconds": 3.2}
    assert completed["languages"] == [{"code": "es"}]
    assert {event["item_id"] for event in [*found[:3], completed]} == {found[3]["item"]["id"]}
    assert (found[0]["audio_start_ms"], found[1]["audio_end_ms"]) == (0, 3200)
    (response,) = done(found)
    assert response["status"] == "completed" and "“Ayer fui al mercado”" in str(response["output"])


def test_audio_clock_runs_on_while_the_tutor_speaks() -> None:
    async def script(learner: Learner) -> None:
        await learner.say("Hola.")
        await learner.rest()
        await learner.say("Adiós.")

    found = events_of(script)
    words = len(done(found)[0]["output"][0]["content"][0]["transcript"].split())
    starts = [event["audio_start_ms"] for event in of_kind(found, "input_audio_buffer.speech_started")]
    assert starts == [0, 1000 + SPOKEN_MS_PER_WORD * words]


def test_older_transcription_model_is_billed_by_tokens() -> None:
    audio = {"input": {"transcription": {"model": "gpt-4o-transcribe", "language": "es"}}}
    (completed,) = of_kind(events_of(one_turn, audio=audio), f"{TRANSCRIPTION}.completed")
    assert completed["usage"]["type"] == "tokens" and completed["usage"]["input_tokens"] == 32
    assert "languages" not in completed


def test_session_without_transcription_has_none() -> None:
    assert not [kind for kind in kinds(events_of(one_turn, audio={})) if kind.startswith(TRANSCRIPTION)]


# ------------------------------------------------------------------------------------ failures


def test_transcription_fails_on_demand() -> None:
    found = events_of(one_turn, Plan.FAILED_TRANSCRIPTION)
    (failed,) = of_kind(found, f"{TRANSCRIPTION}.failed")
    assert failed["item_id"] == found[0]["item_id"] and failed["error"]["message"]
    assert not of_kind(found, f"{TRANSCRIPTION}.completed")
    assert done(found)[0]["status"] == "completed", "the model hears the audio itself"


def test_response_fails_on_demand() -> None:
    (response,) = done(events_of(one_turn, Plan.FAILED_RESPONSE))
    assert (response["status"], response["output"]) == ("failed", [])
    details = response["status_details"]
    assert (details["type"], details["error"]["code"]) == ("failed", "server_error")


def test_response_is_cut_off_on_demand() -> None:
    (response,) = done(events_of(one_turn, Plan.INCOMPLETE_RESPONSE))
    assert response["status"] == "incomplete"
    assert response["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    (item,) = response["output"]
    assert item["status"] == "incomplete"
    assert item["content"][0]["transcript"].startswith("Simulated:")
    assert not item["content"][0]["transcript"].endswith("?")


def test_rate_limits_come_on_demand() -> None:
    found = events_of(one_turn, Plan.RATE_LIMITS)
    assert kinds(found).index("rate_limits.updated") == kinds(found).index("response.created") + 1
    (limits,) = of_kind(found, "rate_limits.updated")
    assert [limit["name"] for limit in limits["rate_limits"]] == ["requests", "tokens"]


def test_response_begins_after_the_transcription_on_demand() -> None:
    found = kinds(events_of(one_turn, Plan.LATE_RESPONSE))
    assert found.index(f"{TRANSCRIPTION}.completed") < found.index("response.created")


@pytest.mark.parametrize("plan", [plan for plan in Plan if plan is not Plan.FAILED_TRANSCRIPTION])
def test_plan_applies_once(plan: Plan) -> None:
    async def script(learner: Learner) -> None:
        await learner.send("response.create")
        await learner.rest()
        await learner.send("response.create")

    found = events_of(script, plan)
    assert done(found)[1]["status"] == "completed"
    assert len(of_kind(found, "rate_limits.updated")) == (plan is Plan.RATE_LIMITS)


# ------------------------------------------------------------------------------- interruptions


def test_speech_interrupts_the_tutor() -> None:
    found = events_of(two_turns)
    first, second = done(found)
    assert (first["status"], second["status"]) == ("cancelled", "completed")
    assert first["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    (cleared,), (truncated,) = (
        of_kind(found, kind) for kind in ("output_audio_buffer.cleared", "conversation.item.truncated")
    )
    assert cleared["response_id"] == first["id"]
    assert truncated["item_id"] == first["output"][0]["id"]
    words = first["output"][0]["content"][0]["transcript"].split()
    assert truncated["audio_end_ms"] == SPOKEN_MS_PER_WORD * len(words)
    assert "“Perdón, espera”" in str(second["output"])
    stopped = of_kind(found, "output_audio_buffer.stopped")
    assert [event["response_id"] for event in stopped] == [second["id"]]


def test_speech_interrupts_the_tutor_on_demand() -> None:
    async def script(learner: Learner) -> None:
        await learner.send("response.create")
        await learner.rest()
        await learner.say("Perdón, espera.")

    found = events_of(script, Plan.INTERRUPTED_RESPONSE)
    first, second = done(found)
    assert (first["status"], second["status"]) == ("cancelled", "completed")
    (started,) = of_kind(found, "input_audio_buffer.speech_started")
    assert found.index(started) < kinds(found).index("output_audio_buffer.cleared")
    (committed,) = of_kind(found, "input_audio_buffer.committed")
    assert committed["item_id"] == started["item_id"], "the learner's turn is the speech that interrupted"


def test_client_of_a_websocket_cuts_the_speech_itself() -> None:
    found = events_of(two_turns, over_webrtc=False)
    assert done(found)[0]["status"] == "cancelled"
    assert not [kind for kind in kinds(found) if "output_audio_buffer" in kind or "truncated" in kind]


# --------------------------------------------------------------------------------------- usage


def test_usage_is_counted_like_openai() -> None:
    async def script(learner: Learner) -> None:
        await learner.send("response.create")
        await learner.rest()
        await learner.say("Ayer fui al mercado.", 3250)

    greeting, answer = done(events_of(script))
    words = len(greeting["output"][0]["content"][0]["transcript"].split())
    spoken = words * SPOKEN_MS_PER_WORD // 50
    assert greeting["usage"]["input_token_details"].items() >= {"text_tokens": 100, "audio_tokens": 0}.items()
    assert greeting["usage"]["output_token_details"]["audio_tokens"] == spoken
    heard = answer["usage"]["input_token_details"]
    assert heard["audio_tokens"] == 33 + spoken, "the tutor's own speech is part of the conversation"
    assert heard["text_tokens"] == 100 + greeting["usage"]["output_token_details"]["text_tokens"]
    for usage in (greeting["usage"], answer["usage"]):
        for side in ("input", "output"):
            details = usage[f"{side}_token_details"]
            assert usage[f"{side}_tokens"] == details["text_tokens"] + details["audio_tokens"] > 0
        assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_typed_text_and_written_answers_have_no_audio_tokens() -> None:
    async def script(learner: Learner) -> None:
        content = [{"type": "input_text", "text": "y" * 40}]
        item = {"type": "message", "role": "user", "content": content}
        await learner.send("conversation.item.create", item=item)
        await learner.send("response.create")

    (response,) = done(events_of(script, output_modalities=["text"]))
    usage = response["usage"]
    assert usage["input_token_details"].items() >= {"text_tokens": 110, "audio_tokens": 0}.items()
    assert usage["output_token_details"]["audio_tokens"] == 0 < usage["output_tokens"]


def test_response_outside_of_the_conversation_is_no_later_input() -> None:
    async def script(learner: Learner) -> None:
        for _ in range(2):
            await learner.send("response.create", response={"conversation": "none"})
            await learner.rest()

    first, second = done(events_of(script))
    assert first["usage"]["input_tokens"] == second["usage"]["input_tokens"] == 100
