"""The Realtime API: its WebSocket for practice by typing; calls with audio are refused.

Source: developers.openai.com/api/docs/guides/realtime-websocket and .../realtime-conversations;
the package's types say what an event looks like.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from standins.openai import events
from standins.openai.calls import Refused
from standins.openai.events import Wrong
from standins.openai.sessions import Session

MAX_FRAME_BYTES = 1_000_000
SUBPROTOCOL, KEY_SUBPROTOCOL = "realtime", "openai-insecure-api-key."
# OpenAI's ways to close, with "invalid_request_error.<code>" for a reason.
CLOSINGS = {"invalid_api_key": 3000, "missing_model": 4000}


async def endpoint(websocket: WebSocket) -> None:
    """/v1/realtime; browsers, which send no Authorization, offer the key as a subprotocol."""
    offered = websocket.scope["subprotocols"]
    await websocket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
    socket = Socket(websocket)
    try:
        session = session_for(websocket, offered)
    except Wrong as wrong:
        # As OpenAI does: a page cannot read why a handshake failed.
        await socket.tell(wrong)
        await socket.close(CLOSINGS[wrong.code], f"invalid_request_error.{wrong.code}")
        return
    await socket.serve(session)


async def refuse_call(request: Request) -> Response:
    """POST /v1/realtime/calls, a WebRTC offer: for those who may call, a word on what to do."""
    try:
        settings_of(key_of(request, []), request)
    except Wrong as wrong:
        raise Refused(401, wrong.code, wrong.message) from None
    raise Refused(
        501,
        "audio_not_simulated",
        "The OpenAI simulator has no audio. Type instead, over the WebSocket /v1/realtime; or, to speak,"
        " unset LINGUAFLEX_OPENAI_SIMULATOR and set OPENAI_API_KEY.",
    )


def key_of(connection: HTTPConnection, offered: list[str]) -> str:
    """The API key or client secret that a caller shows."""
    for name in offered:
        if name.startswith(KEY_SUBPROTOCOL):
            return name.removeprefix(KEY_SUBPROTOCOL)
    scheme, _, key = connection.headers.get("authorization", "").partition(" ")
    return key if scheme.lower() == "bearer" else ""


def settings_of(key: str, connection: HTTPConnection) -> dict[str, Any]:
    """The settings of the session that ``key`` begins; raises Wrong."""
    known: dict[str, Any] | None = connection.app.state.secrets.session_of(key)
    if known is None and not key.startswith("sk-"):
        raise Wrong("invalid_api_key", "Incorrect API key provided: it is unknown or has expired.")
    return {"type": "realtime"} if known is None else known


def session_for(websocket: WebSocket, offered: list[str]) -> dict[str, Any]:
    """The settings of a new session, with a model."""
    settings = settings_of(key_of(websocket, offered), websocket)
    model = settings.get("model") or websocket.query_params.get("model")
    if not model:
        raise Wrong("missing_model", "You must provide a model: /v1/realtime?model=…")
    return {**settings, "model": model}


class Socket:
    """One client's connection, with a session of its own."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, settings: dict[str, Any]) -> None:
        """Until either side ends it."""
        session = Session(settings, self.send, self.spawn)
        try:
            await session.begin()
            await self._read(session)
        finally:
            for task in list(self._tasks):
                task.cancel()

    async def send(self, kind: str, **fields: Any) -> None:
        """Sends one event; a client that reads slowly is waited for."""
        try:
            await self._websocket.send_text(events.frame(kind, fields))
        except (WebSocketDisconnect, RuntimeError):
            pass  # the reading ends, too

    async def tell(self, wrong: Wrong, event_id: str | None = None) -> None:
        """Answers what the client did wrong in its event ``event_id``."""
        told = {"code": wrong.code, "message": wrong.message, "param": wrong.param, "event_id": event_id}
        await self.send("error", error={"type": "invalid_request_error", **told})

    async def close(self, code: int, reason: str) -> None:
        """Ends the connection."""
        try:
            await self._websocket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError):
            pass

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Does ``work`` beside the reading, until the socket ends."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, session: Session) -> None:
        while True:
            received = await self._websocket.receive()
            if received["type"] == "websocket.disconnect":
                return
            frame = received["text"] if received.get("text") is not None else received["bytes"]
            event_id = None
            try:
                event = events.parsed(frame)
                event_id = events.id_of(event)
                await session.handle(events.checked(event))
            except Wrong as wrong:
                await self.tell(wrong, event_id)
