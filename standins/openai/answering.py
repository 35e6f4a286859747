"""The tutor's answer on its way: the events of one response, in the order of OpenAI's."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from standins.openai.calls import new_id
from standins.openai.conversation import Conversation, new_item

Send = Callable[..., Awaitable[None]]

SECONDS_A_WORD = 0.02
NO_TOKENS = {"total_tokens": 0, "input_tokens": 0, "output_tokens": 0}


class Answer:
    """One response with one message, word by word, until it is ``over`` or ``cancelled``."""

    def __init__(self, send: Send, conversation: Conversation, modality: str, metadata: Any) -> None:
        self.id = new_id("resp")
        self.cancelled = self.over = False
        self._send = send
        self._conversation = conversation
        self._modality = modality
        self._metadata = metadata
        self._item = new_item(type="message", role="assistant", status="in_progress", content=[])
        # Where an event belongs.
        self._in_response = {"response_id": self.id, "output_index": 0}
        self._in_part = {**self._in_response, "item_id": self._item["id"], "content_index": 0}

    async def say(self) -> None:
        """Adds the answer to the conversation."""
        words = re.findall(r"\S+\s*", self._conversation.answer())
        previous = {"previous_item_id": self._conversation.add(self._item)}
        await self._send("response.created", response=self._response("in_progress"))
        await self._send("response.output_item.added", **self._in_response, item=self._item)
        await self._send("conversation.item.added", **previous, item=self._item)
        await self._send("response.content_part.added", **self._in_part, part=self._part(""))
        said = await self._speak(words)
        await self._finish(said, previous)

    async def _speak(self, words: list[str]) -> str:
        """What could be said of ``words``."""
        said = ""
        for word in words:
            await asyncio.sleep(SECONDS_A_WORD)
            if self.cancelled:
                break
            said += word
            await self._send(f"response.{self._stream}.delta", **self._in_part, delta=word)
        return said

    async def _finish(self, said: str, previous: dict[str, Any]) -> None:
        self._item["status"] = "incomplete" if self.cancelled else "completed"
        self._item["content"] = [{"type": f"output_{self._modality}", self._field: said}]
        await self._send(f"response.{self._stream}.done", **self._in_part, **{self._field: said})
        await self._send("response.content_part.done", **self._in_part, part=self._part(said))
        await self._send("conversation.item.done", **previous, item=self._item)
        await self._send("response.output_item.done", **self._in_response, item=self._item)
        status = "cancelled" if self.cancelled else "completed"
        details = {"status_details": {"type": "cancelled", "reason": "client_cancelled"}}
        changes = {"output": [self._item], "usage": NO_TOKENS, **(details if self.cancelled else {})}
        self.over = True  # who hears of it may ask on at once
        await self._send("response.done", response=self._response(status, **changes))

    @property
    def _field(self) -> str:
        """The field with the words."""
        return "text" if self._modality == "text" else "transcript"

    @property
    def _stream(self) -> str:
        return "output_text" if self._modality == "text" else "output_audio_transcript"

    def _part(self, said: str) -> dict[str, Any]:
        return {"type": self._modality, self._field: said}

    def _response(self, status: str, **changes: Any) -> dict[str, Any]:
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": status,
            "status_details": None,
            "output": [],
            "conversation_id": self._conversation.id,
            "output_modalities": [self._modality],
            "max_output_tokens": "inf",
            "metadata": self._metadata,
            "usage": None,
            **changes,
        }
