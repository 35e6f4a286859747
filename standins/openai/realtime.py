"""The Realtime API: the WebSocket for practice by typing. WebRTC calls are refused.

Source: developers.openai.com/api/docs/guides/realtime-websocket and .../realtime-conversations.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from standins.openai import events
from standins.openai.calls import ApiError
from standins.openai.events import EventError
from standins.openai.sessions import Session

MAX_FRAME_BYTES = 1_000_000
SUBPROTOCOL, KEY_SUBPROTOCOL = "realtime", "openai-insecure-api-key."
# OpenAI's close codes; the reason is "invalid_request_error.<code>".
CLOSE_CODES = {"invalid_api_key": 3000, "missing_model": 4000}


async def endpoint(websocket: WebSocket) -> None:
    """/v1/realtime. Browsers cannot send Authorization, so they send the key as a subprotocol."""
    offered = websocket.scope["subprotocols"]
    await websocket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
    socket = Socket(websocket)
    try:
        session = session_for(websocket, offered)
    except EventError as error:
        # As OpenAI does, because a page cannot read the response to a refused handshake.
        await socket.send_error(error)
        await socket.close(CLOSE_CODES[error.code], f"invalid_request_error.{error.code}")
        return
    await socket.serve(session)


async def refuse_call(request: Request) -> Response:
    """POST /v1/realtime/calls, a WebRTC offer. Raises ApiError; for a valid key, with the alternatives."""
    try:
        settings_of(key_of(request, []), request)
    except EventError as error:
        raise ApiError(401, error.code, error.message) from None
    raise ApiError(
        501,
        "audio_not_simulated",
        "The OpenAI simulator has no audio. Type instead, over the WebSocket /v1/realtime; or, to speak,"
        " unset LINGUAFLEX_OPENAI_SIMULATOR and set OPENAI_API_KEY.",
    )


def key_of(connection: HTTPConnection, offered: list[str]) -> str:
    """The API key or client secret in a subprotocol or the Authorization header; or an empty string."""
    for name in offered:
        if name.startswith(KEY_SUBPROTOCOL):
            return name.removeprefix(KEY_SUBPROTOCOL)
    scheme, _, key = connection.headers.get("authorization", "").partition(" ")
    return key if scheme.lower() == "bearer" else ""


def settings_of(key: str, connection: HTTPConnection) -> dict[str, Any]:
    """The session settings of a client secret; the defaults for an API key. Raises EventError."""
    known: dict[str, Any] | None = connection.app.state.secrets.session_of(key)
    if known is None and not key.startswith("sk-"):
        raise EventError("invalid_api_key", "Incorrect API key provided: it is unknown or has expired.")
    return {"type": "realtime"} if known is None else known


def session_for(websocket: WebSocket, offered: list[str]) -> dict[str, Any]:
    """The settings of a new session. Raises EventError for an invalid key or without a model."""
    settings = settings_of(key_of(websocket, offered), websocket)
    model = settings.get("model") or websocket.query_params.get("model")
    if not model:
        raise EventError("missing_model", "You must provide a model: /v1/realtime?model=…")
    return {**settings, "model": model}


class Socket:
    """The connection of one client, with one session."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, settings: dict[str, Any]) -> None:
        """Runs until either side closes the connection."""
        session = Session(settings, self.send, self.spawn)
        try:
            await session.begin()
            await self._read(session)
        finally:
            for task in list(self._tasks):
                task.cancel()

    async def send(self, kind: str, **fields: Any) -> None:
        """Sends one event. Waits while the connection's write buffer is full."""
        try:
            await self._websocket.send_text(events.frame(kind, fields))
        except (WebSocketDisconnect, RuntimeError):
            pass  # the connection is closed, and _read returns

    async def send_error(self, error: EventError, event_id: str | None = None) -> None:
        """Sends the error that the client's event ``event_id`` caused."""
        details = {"code": error.code, "message": error.message, "param": error.param, "event_id": event_id}
        await self.send("error", error={"type": "invalid_request_error", **details})

    async def close(self, code: int, reason: str) -> None:
        try:
            await self._websocket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError):
            pass

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs ``work`` as a task until the socket ends."""
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
                await session.handle(events.validated(event))
            except EventError as error:
                await self.send_error(error, event_id)
