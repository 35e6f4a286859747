"""A Realtime session: what each of the client's events does."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from standins.openai.answering import Answer, Send
from standins.openai.calls import new_id
from standins.openai.conversation import Conversation, new_item
from standins.openai.events import Event, Wrong

BYTES_A_SECOND = 48_000  # 24 kHz, 16 bits, one channel
LEAST_SPEECH_SECONDS = 0.1
TRANSCRIBING_SECONDS = 0.3  # the answer has begun by then
TRANSCRIPT = "(simulated transcription)"

Spawn = Callable[[Coroutine[Any, Any, None]], None]


class Session:
    """The settings, the conversation, the audio that waits, and the answer on its way."""

    def __init__(self, settings: dict[str, Any], send: Send, spawn: Spawn) -> None:
        self.settings = {**settings, "object": "realtime.session", "id": new_id("sess")}
        self.settings.setdefault("output_modalities", ["audio"])
        self._send = send
        self._spawn = spawn
        self._conversation = Conversation()
        self._speech_bytes = 0
        self._answer: Answer | None = None

    async def begin(self) -> None:
        """Greets the client."""
        await self._send("session.created", session=self.settings)

    async def handle(self, event: Event) -> None:
        """Does what a checked event asks for; raises Wrong."""
        handler = HANDLERS.get(event["type"])
        if handler is None:
            raise Wrong("invalid_value", f"The simulator knows no '{event['type']}'.", "type")
        await handler(self, event)

    async def update(self, event: Event) -> None:
        changes = event["session"]
        if changes["type"] != "realtime":
            raise Wrong("invalid_value", "The type of a session cannot be changed.", "session.type")
        if changes.get("model", self.settings.get("model")) != self.settings.get("model"):
            raise Wrong("invalid_value", "The model of a session cannot be changed.", "session.model")
        if "output_modalities" in changes:
            modality(changes["output_modalities"], "session.output_modalities")
        self.settings = merged(self.settings, changes)
        await self._send("session.updated", session=self.settings)

    async def create_item(self, event: Event) -> None:
        item = new_item(**event["item"])
        previous = self._conversation.add(item, event.get("previous_item_id"))
        await self._show(item, previous)

    async def retrieve_item(self, event: Event) -> None:
        item = self._conversation.item(event["item_id"], "retrieve")
        await self._send("conversation.item.retrieved", item=item)

    async def delete_item(self, event: Event) -> None:
        self._conversation.delete(event["item_id"])
        await self._send("conversation.item.deleted", item_id=event["item_id"])

    async def truncate_item(self, event: Event) -> None:
        self._conversation.truncate(event["item_id"], event["content_index"])
        told = {name: event[name] for name in ("item_id", "content_index", "audio_end_ms")}
        await self._send("conversation.item.truncated", **told)

    async def append_speech(self, event: Event) -> None:
        try:
            self._speech_bytes += len(base64.b64decode(event["audio"], validate=True))
        except ValueError:
            raise Wrong("invalid_value", "Invalid 'audio': base64 was expected.", "audio") from None

    async def clear_speech(self, event: Event) -> None:
        self._speech_bytes = 0
        await self._send("input_audio_buffer.cleared")

    async def commit_speech(self, event: Event) -> None:
        seconds = self._speech_bytes / BYTES_A_SECOND
        if seconds < LEAST_SPEECH_SECONDS:
            message = f"The buffer is too small: it has {1000 * seconds:.0f} ms of audio, 100 ms are needed."
            raise Wrong("input_audio_buffer_commit_empty", message)
        self._speech_bytes = 0
        item = new_item(type="message", role="user", content=[{"type": "input_audio", "transcript": None}])
        previous = self._conversation.add(item)
        told = {"previous_item_id": previous, "item_id": item["id"]}
        await self._send("input_audio_buffer.committed", **told)
        await self._show(item, previous)
        if audio_of(self.settings).get("input", {}).get("transcription"):
            self._spawn(self._transcribe(item, seconds))

    async def create_response(self, event: Event) -> None:
        if active := self._active:
            message = f"Conversation already has an active response in progress: {active.id}."
            raise Wrong("conversation_already_has_active_response", message)
        wanted = event.get("response") or {}
        if wanted.get("conversation") not in (None, "auto") or wanted.get("input") is not None:
            raise Wrong("invalid_value", "The simulator answers in the session's conversation.", "response")
        given = wanted.get("output_modalities")
        chosen = modality(given or self.settings["output_modalities"], "response.output_modalities")
        self._answer = Answer(self._send, self._conversation, chosen, wanted.get("metadata"))
        self._spawn(self._answer.say())

    async def cancel_response(self, event: Event) -> None:
        active = self._active
        if active is None or event.get("response_id") not in (None, active.id):
            raise Wrong("response_cancel_not_active", "Cancellation failed: no active response found.")
        active.cancelled = True

    @property
    def _active(self) -> Answer | None:
        """The answer on its way: one at a time."""
        return None if self._answer is None or self._answer.over else self._answer

    async def _show(self, item: dict[str, Any], previous: str | None) -> None:
        for kind in ("conversation.item.added", "conversation.item.done"):
            await self._send(kind, previous_item_id=previous, item=item)

    async def _transcribe(self, item: dict[str, Any], seconds: float) -> None:
        await asyncio.sleep(TRANSCRIBING_SECONDS)
        item["content"][0]["transcript"] = TRANSCRIPT
        await self._send(
            "conversation.item.input_audio_transcription.completed",
            item_id=item["id"],
            content_index=0,
            transcript=TRANSCRIPT,
            usage={"type": "duration", "seconds": seconds},
        )


HANDLERS: dict[str, Callable[[Session, Event], Awaitable[None]]] = {
    "session.update": Session.update,
    "conversation.item.create": Session.create_item,
    "conversation.item.retrieve": Session.retrieve_item,
    "conversation.item.delete": Session.delete_item,
    "conversation.item.truncate": Session.truncate_item,
    "input_audio_buffer.append": Session.append_speech,
    "input_audio_buffer.clear": Session.clear_speech,
    "input_audio_buffer.commit": Session.commit_speech,
    "response.create": Session.create_response,
    "response.cancel": Session.cancel_response,
}


def modality(given: list[str] | None, param: str) -> str:
    """The one modality of ``given``; raises Wrong."""
    if given is None or len(given) != 1:
        raise Wrong("invalid_value", "The modalities are either ['text'] or ['audio'].", param)
    return given[0]


def merged(settings: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The settings after an update, which leaves alone what it does not name, in ``audio`` too."""
    before, after = audio_of(settings), audio_of(changes)
    audio = {side: {**before.get(side, {}), **after.get(side, {})} for side in {**before, **after}}
    return {**settings, **changes, "audio": audio}


def audio_of(settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The settings of each side, ``input`` and ``output``; null says nothing."""
    return {side: each for side, each in (settings.get("audio") or {}).items() if each is not None}
