"""The Realtime API over a WebSocket, for practice by typing.

Source: developers.openai.com/api/docs/guides/realtime-websocket and .../realtime-conversations.
"""

from typing import Any

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from standins.openai.clients import Client
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
    return with_model(settings, websocket)


def with_model(settings: dict[str, Any], connection: HTTPConnection) -> dict[str, Any]:
    """The settings with the model of the query, if they have none. Raises EventError without a model."""
    model = settings.get("model") or connection.query_params.get("model")
    if not model:
        raise EventError("missing_model", "You must provide a model: /v1/realtime?model=…")
    return {**settings, "model": model}


class Socket(Client):
    """The connection of one client, with one session."""

    def __init__(self, websocket: WebSocket) -> None:
        super().__init__()
        self._websocket = websocket

    async def serve(self, settings: dict[str, Any]) -> None:
        """Runs until either side closes the connection."""
        session = Session(settings, self.send, self.spawn, self._websocket.app.state.plans)
        try:
            await session.begin()
            await self._read(session)
        finally:
            self.cancel_tasks()

    async def send_frame(self, frame: str) -> None:
        """Sends one frame. Waits while the connection's write buffer is full."""
        try:
            await self._websocket.send_text(frame)
        except (WebSocketDisconnect, RuntimeError):
            pass  # the connection is closed, and _read returns

    async def close(self, code: int, reason: str) -> None:
        try:
            await self._websocket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError):
            pass

    async def _read(self, session: Session) -> None:
        while True:
            received = await self._websocket.receive()
            if received["type"] == "websocket.disconnect":
                return
            frame = received["text"] if received.get("text") is not None else received["bytes"]
            await self.handle(frame, session)
