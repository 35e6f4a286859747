"""The events of one response of the Realtime API, in OpenAI's order."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from standins.openai.calls import new_id
from standins.openai.conversation import Conversation, new_item

Send = Callable[..., Awaitable[None]]

SECONDS_PER_WORD = 0.02
NO_TOKENS = {"total_tokens": 0, "input_tokens": 0, "output_tokens": 0}


class RealtimeResponse:
    """A response with one message, sent word by word. ``done`` becomes true before the last event is sent.

    A response that is ``aside`` is not added to the conversation.
    """

    def __init__(
        self, send: Send, conversation: Conversation, modality: str, metadata: Any, *, aside: bool = False
    ) -> None:
        self.id = new_id("resp")
        self.done = False
        self._send = send
        self._conversation = conversation
        self._modality = modality
        self._metadata = metadata
        self._aside = aside
        is_text = modality == "text"
        self._field = "text" if is_text else "transcript"
        self._stream = "output_text" if is_text else "output_audio_transcript"
        self._item = new_item(type="message", role="assistant", status="in_progress", content=[])
        # Fields of events about the response, and about its only part.
        self._of_response = {"response_id": self.id, "output_index": 0}
        self._of_part = {**self._of_response, "item_id": self._item["id"], "content_index": 0}

    async def run(self) -> None:
        """Sends the events of the tutor's answer, and adds it to the conversation unless it is aside."""
        text = self._conversation.answer()
        previous = {} if self._aside else {"previous_item_id": self._conversation.add(self._item)}
        await self._send("response.created", response=self._response("in_progress"))
        await self._send("response.output_item.added", **self._of_response, item=self._item)
        if not self._aside:
            await self._send("conversation.item.added", **previous, item=self._item)
        await self._send("response.content_part.added", **self._of_part, part=self._part(""))
        for word in re.findall(r"\S+\s*", text):
            await asyncio.sleep(SECONDS_PER_WORD)
            await self._send(f"response.{self._stream}.delta", **self._of_part, delta=word)
        self._item["status"] = "completed"
        self._item["content"] = [{"type": f"output_{self._modality}", self._field: text}]
        await self._send(f"response.{self._stream}.done", **self._of_part, **{self._field: text})
        await self._send("response.content_part.done", **self._of_part, part=self._part(text))
        if not self._aside:
            await self._send("conversation.item.done", **previous, item=self._item)
        await self._send("response.output_item.done", **self._of_response, item=self._item)
        self.done = True  # the client may request the next response as soon as it receives the event
        response = self._response("completed", output=[self._item], usage=NO_TOKENS)
        await self._send("response.done", response=response)

    def _part(self, text: str) -> dict[str, Any]:
        return {"type": self._modality, self._field: text}

    def _response(self, status: str, **changes: Any) -> dict[str, Any]:
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": status,
            "status_details": None,
            "output": [],
            "conversation_id": None if self._aside else self._conversation.id,
            "output_modalities": [self._modality],
            "max_output_tokens": "inf",
            "metadata": self._metadata,
            "usage": None,
            **changes,
        }
