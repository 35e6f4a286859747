"""A Realtime session: handles the client's events."""

from collections.abc import Callable, Coroutine
from typing import Any

from standins.openai.calls import new_id
from standins.openai.conversation import Conversation, new_item
from standins.openai.events import Event, EventError
from standins.openai.realtime_responses import RealtimeResponse, Send

Spawn = Callable[[Coroutine[Any, Any, None]], None]


class Session:
    """One session with its conversation. ``send`` sends a server event, ``spawn`` starts a task."""

    def __init__(self, settings: dict[str, Any], send: Send, spawn: Spawn) -> None:
        self.settings = {**settings, "object": "realtime.session", "id": new_id("sess")}
        self.settings.setdefault("output_modalities", ["audio"])
        self._send = send
        self._spawn = spawn
        self._conversation = Conversation()
        self._response: RealtimeResponse | None = None

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

    async def _create_item(self, event: Event) -> None:
        if event.get("previous_item_id") is not None:
            message = "The simulator appends items to the conversation only."
            raise EventError("invalid_value", message, "previous_item_id")
        item = new_item(**event["item"])
        previous = self._conversation.add(item)
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
        metadata = options.get("metadata")
        response = RealtimeResponse(self._send, self._conversation, modalities[0], metadata, aside=aside)
        if not aside:
            self._response = response
        self._spawn(response.run())
