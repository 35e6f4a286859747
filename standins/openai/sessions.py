"""A Realtime session: handles the client's events, and speech that tests put into the learner's mouth."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from standins.openai import transcription
from standins.openai.calls import new_id
from standins.openai.conversation import Conversation, new_item, text_of
from standins.openai.events import Event, EventError
from standins.openai.plans import Plan, Plans
from standins.openai.realtime_responses import RealtimeResponse, Send
from standins.openai.usage import Context

LATE_SECONDS = 0.5  # the delay of a LATE_RESPONSE

Spawn = Callable[[Coroutine[Any, Any, None]], None]


class Session:
    """One session with its conversation. ``send`` sends a server event, ``spawn`` starts a task.

    A session over WebRTC plays its audio from a buffer, and reports its state.
    """

    def __init__(
        self, settings: dict[str, Any], send: Send, spawn: Spawn, plans: Plans, *, over_webrtc: bool = False
    ) -> None:
        self.settings = {**settings, "object": "realtime.session", "id": new_id("sess")}
        self.settings.setdefault("output_modalities", ["audio"])
        self._send = send
        self._spawn = spawn
        self._plans = plans
        self._over_webrtc = over_webrtc
        self._conversation = Conversation()
        self._context = Context(self.settings.get("instructions") or "")
        self._response: RealtimeResponse | None = None
        self._audio_ms = 0  # from the start of the session; simulated speech takes no time
        self._speaking: str | None = None  # the id of the item that the learner has begun to speak

    async def begin(self) -> None:
        await self._send("session.created", session=self.settings)

    async def handle(self, event: Event) -> None:
        """Handles a validated event. Raises EventError."""
        if event["type"] == "conversation.item.create":
            await self._create_item(event)
        elif event["type"] == "response.create":
            self._create_response(event)
        else:
            message = f"The simulator does not support the event '{event['type']}'."
            raise EventError("invalid_value", message, "type")

    async def hear(self, text: str, milliseconds: int) -> None:
        """The learner says ``text``; the tutor answers, as with OpenAI's detection of turns.

        An active response is interrupted. The transcription comes beside the answer.
        """
        await self._begin_speech()
        if self._response and not self._response.done:
            self._response.interrupt()
            await self._response.finished.wait()
        self._audio_ms += milliseconds
        item = new_item(
            id=self._speaking,
            type="message",
            role="user",
            content=[{"type": "input_audio", "transcript": None}],
        )
        of_item = {"item_id": item["id"]}
        await self._send("input_audio_buffer.speech_stopped", **of_item, audio_end_ms=self._audio_ms)
        self._speaking = None
        previous = self._conversation.add(item, text)
        self._context.add_heard(milliseconds)
        await self._send("input_audio_buffer.committed", **of_item, previous_item_id=previous)
        for kind in ("conversation.item.added", "conversation.item.done"):
            await self._send(kind, previous_item_id=previous, item=item)
        if transcribes := transcription.settings_of(self.settings):
            fails = self._plans.take(Plan.FAILED_TRANSCRIPTION) is not None
            self._spawn(transcription.run(self._send, transcribes, item["id"], text, milliseconds, fails))
        self._create_response({})

    async def _begin_speech(self) -> None:
        """Sends the start of the learner's speech, unless it has begun."""
        if self._speaking is None:
            self._speaking = new_id("item")
            start = {"audio_start_ms": self._audio_ms, "item_id": self._speaking}
            await self._send("input_audio_buffer.speech_started", **start)

    async def _create_item(self, event: Event) -> None:
        if event.get("previous_item_id") is not None:
            message = "The simulator appends items to the conversation only."
            raise EventError("invalid_value", message, "previous_item_id")
        item = new_item(**event["item"])
        previous = self._conversation.add(item)
        self._context.add_text(text_of(item))
        for kind in ("conversation.item.added", "conversation.item.done"):
            await self._send(kind, previous_item_id=previous, item=item)

    def _create_response(self, event: Event) -> None:
        options = event.get("response") or {}
        aside = options.get("conversation") == "none"
        active = self._response
        if active and not active.done and not aside:
            message = f"Conversation already has an active response in progress: {active.id}."
            raise EventError("conversation_already_has_active_response", message)
        if options.get("conversation") not in (None, "auto", "none") or options.get("input") is not None:
            message = "The simulator answers the turns of the session's conversation."
            raise EventError("invalid_value", message, "response")
        modalities = options.get("output_modalities") or self.settings["output_modalities"]
        if len(modalities) != 1:
            message = "The modalities are either ['text'] or ['audio']."
            raise EventError("invalid_value", message, "response.output_modalities")
        response = RealtimeResponse(
            self._send,
            self._conversation,
            self._context,
            modality=modalities[0],
            metadata=options.get("metadata"),
            aside=aside,
            over_webrtc=self._over_webrtc,
        )
        if not aside:
            self._response = response
        self._spawn(self._run(response))

    async def _run(self, response: RealtimeResponse) -> None:
        """Runs a response with the plans for it."""
        if self._plans.take(Plan.LATE_RESPONSE):
            await asyncio.sleep(LATE_SECONDS)
        limited = self._plans.take(Plan.RATE_LIMITS) is not None
        end = self._plans.take(Plan.FAILED_RESPONSE, Plan.INCOMPLETE_RESPONSE, Plan.INTERRUPTED_RESPONSE)
        await response.run(end, self._begin_speech, limited=limited)
        self._audio_ms += response.spoken_ms
        response.finished.set()
