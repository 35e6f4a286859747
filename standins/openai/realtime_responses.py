"""The events of one response of the Realtime API, in OpenAI's order."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from standins.openai.calls import new_id
from standins.openai.conversation import Conversation, new_item
from standins.openai.plans import Plan
from standins.openai.usage import Context

Send = Callable[..., Awaitable[None]]

SECONDS_PER_WORD = 0.02  # until the word is sent
SPOKEN_MS_PER_WORD = 400  # of its speech
FAILURE = {"type": "server_error", "code": "server_error", "message": "The server had an error. Try again."}
RATE_LIMITS = [
    {"name": "requests", "limit": 1000, "remaining": 999, "reset_seconds": 60.0},
    {"name": "tokens", "limit": 50_000, "remaining": 45_000, "reset_seconds": 6.0},
]
# How a response ends -> its status and the reason.
ENDS = {
    None: ("completed", None),
    Plan.INCOMPLETE_RESPONSE: ("incomplete", "max_output_tokens"),
    Plan.INTERRUPTED_RESPONSE: ("cancelled", "turn_detected"),
}


class RealtimeResponse:
    """A response with one message, sent word by word. ``done`` becomes true before the last event is sent.

    A response that is ``aside`` is not added to the conversation. ``spoken_ms`` is the length of its speech.
    """

    def __init__(
        self,
        send: Send,
        conversation: Conversation,
        context: Context,
        *,
        modality: str,
        metadata: Any,
        aside: bool,
        over_webrtc: bool,
    ) -> None:
        self.id = new_id("resp")
        self.done = False
        self.finished = asyncio.Event()  # set after the last event
        self.spoken_ms = 0
        self._send = send
        self._conversation = conversation
        self._context = context
        self._modality = modality
        self._metadata = metadata
        self._aside = aside
        self._plays = over_webrtc and modality == "audio"
        self._interrupted = False
        is_text = modality == "text"
        self._field = "text" if is_text else "transcript"
        self._stream = "output_text" if is_text else "output_audio_transcript"
        self._item = new_item(type="message", role="assistant", status="in_progress", content=[])
        # Fields of events about the response, and about its only part.
        self._of_response = {"response_id": self.id, "output_index": 0}
        self._of_part = {**self._of_response, "item_id": self._item["id"], "content_index": 0}
        self._previous: dict[str, str | None] = {}

    def interrupt(self) -> None:
        """Ends the response after the current word, because the learner speaks."""
        self._interrupted = True

    async def run(
        self, end: Plan | None, begin_speech: Callable[[], Awaitable[None]], *, limited: bool
    ) -> None:
        """Sends the events of the tutor's answer, and adds it to the conversation unless it is aside.

        ``end`` is what goes wrong; ``begin_speech`` lets the learner speak. ``limited``: with rate limits.
        """
        text = self._conversation.answer()
        await self._send("response.created", response=self._response("in_progress"))
        if limited:
            await self._send("rate_limits.updated", rate_limits=RATE_LIMITS)
        if end is Plan.FAILED_RESPONSE:
            self.done = True
            await self._send("response.done", response=self._response("failed", error=FAILURE))
            return
        await self._open()
        words = re.findall(r"\S+\s*", text)
        said = await self._speak(words if end is None else words[: len(words) // 2])
        if end is Plan.INTERRUPTED_RESPONSE:
            await begin_speech()
        await self._close(said, Plan.INTERRUPTED_RESPONSE if self._interrupted else end)

    async def _open(self) -> None:
        """Sends the empty message."""
        if not self._aside:
            self._previous = {"previous_item_id": self._conversation.add(self._item)}
        await self._send("response.output_item.added", **self._of_response, item=self._item)
        if not self._aside:
            await self._send("conversation.item.added", **self._previous, item=self._item)
        await self._send("response.content_part.added", **self._of_part, part=self._part(""))
        if self._plays:
            await self._send("output_audio_buffer.started", response_id=self.id)

    async def _speak(self, words: list[str]) -> str:
        """Sends the words until the learner interrupts; returns what was said."""
        said = ""
        for word in words:
            await asyncio.sleep(SECONDS_PER_WORD)
            if self._interrupted:
                break
            said += word
            self.spoken_ms += SPOKEN_MS_PER_WORD if self._modality == "audio" else 0
            await self._send(f"response.{self._stream}.delta", **self._of_part, delta=word)
        return said

    async def _close(self, text: str, end: Plan | None) -> None:
        """Sends the whole message and the end of the response."""
        status, reason = ENDS[end]
        self._item["status"] = "completed" if status == "completed" else "incomplete"
        self._item["content"] = [{"type": f"output_{self._modality}", self._field: text}]
        if status == "cancelled":
            await self._cut()
        await self._send(f"response.{self._stream}.done", **self._of_part, **{self._field: text})
        await self._send("response.content_part.done", **self._of_part, part=self._part(text))
        if not self._aside:
            await self._send("conversation.item.done", **self._previous, item=self._item)
        await self._send("response.output_item.done", **self._of_response, item=self._item)
        self.done = True  # the client may request the next response as soon as it receives the event
        usage = self._context.usage_of(text, self.spoken_ms, aside=self._aside)
        response = self._response(status, reason, output=[self._item], usage=usage)
        await self._send("response.done", response=response)
        if self._plays and status != "cancelled":
            await self._send("output_audio_buffer.stopped", response_id=self.id)

    async def _cut(self) -> None:
        """Sends where the speech was cut off. Over a WebSocket, the client plays the speech and cuts it."""
        if self._plays:
            await self._send("output_audio_buffer.cleared", response_id=self.id)
            cut = {"item_id": self._item["id"], "content_index": 0, "audio_end_ms": self.spoken_ms}
            await self._send("conversation.item.truncated", **cut)

    def _part(self, text: str) -> dict[str, Any]:
        return {"type": self._modality, self._field: text}

    def _response(
        self, status: str, reason: str | None = None, error: Any = None, **changes: Any
    ) -> dict[str, Any]:
        details = {"type": status, "reason": reason} if reason else {"type": status, "error": error}
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": status,
            "status_details": details if reason or error else None,
            "output": [],
            "conversation_id": None if self._aside else self._conversation.id,
            "output_modalities": [self._modality],
            "max_output_tokens": "inf",
            "metadata": self._metadata,
            "usage": None,
            **changes,
        }
