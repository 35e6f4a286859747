"""The client of a Realtime session, over any transport: events in both directions, and tasks."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from standins.openai import events
from standins.openai.events import EventError
from standins.openai.sessions import Session


class Client:
    """One connected client. Subclasses send frames."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    async def send_frame(self, frame: str) -> None:
        """Sends one frame; does nothing if the connection is closed."""
        raise NotImplementedError

    async def send(self, kind: str, **fields: Any) -> None:
        """Sends one event."""
        await self.send_frame(events.frame(kind, fields))

    async def send_error(self, error: EventError, event_id: str | None = None) -> None:
        """Sends the error that the client's event ``event_id`` caused."""
        details = {"code": error.code, "message": error.message, "param": error.param, "event_id": event_id}
        await self.send("error", error={"type": "invalid_request_error", **details})

    async def handle(self, frame: str | bytes, session: Session) -> None:
        """Handles one frame of the client, and sends the error that it causes."""
        event_id = None
        try:
            event = events.parsed(frame)
            event_id = events.id_of(event)
            await session.handle(events.validated(event))
        except EventError as error:
            await self.send_error(error, event_id)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs ``work`` as a task until ``cancel_tasks``."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel_tasks(self) -> None:
        for task in list(self._tasks):
            task.cancel()
