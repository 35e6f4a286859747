"""One client's WebSocket. Received frames are handled in order; frames to send wait in a queue."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from starlette.responses import JSONResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from standins.supabase.realtime import client_events, joining, limits
from standins.supabase.realtime.channel import Channel
from standins.supabase.realtime.hub import PREFIX
from standins.supabase.realtime.limits import RateLimit
from standins.supabase.realtime.protocol import VERSIONS, Envelope, Malformed, Message, Version
from standins.supabase.realtime.service import Realtime

# Close codes: RFC 6455 section 7.4.1, and the IANA registry for 1013.
INVALID_DATA, POLICY_VIOLATION, TRY_AGAIN_LATER = 1007, 1008, 1013

logger = logging.getLogger(__name__)


async def endpoint(websocket: WebSocket) -> None:
    """/realtime/v1/websocket?apikey=&vsn=. The gateway has already checked the key."""
    version = VERSIONS.get(websocket.query_params.get("vsn", "1.0.0"))
    if version is None:
        refusal = {"error": f"vsn has to be one of {', '.join(VERSIONS)}"}
        await websocket.send_denial_response(JSONResponse(refusal, 403))
        return
    await websocket.accept()
    await Socket(websocket, version, websocket.app.state.realtime).serve()


class Socket:
    """The connection of one client; ``channels`` are its joined channels by topic."""

    def __init__(self, websocket: WebSocket, version: Version, realtime: Realtime) -> None:
        self.authorizer = realtime.authorizer
        self.hub = realtime.hub
        self.api_role: str = websocket.scope["api_role"]
        self.channels: dict[str, Channel] = {}
        self._websocket = websocket
        self._version = version
        self._joins = RateLimit(limits.JOINS_PER_SECOND, 1)
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()
        self._waiting_bytes = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Runs until either side closes the connection."""
        self.spawn(self._write())
        try:
            await self._read()
        finally:
            for task in list(self._tasks):
                task.cancel()
            for channel in list(self.channels.values()):
                channel.close()

    def push(self, message: Message) -> None:
        self.deliver(Envelope(message))

    def deliver(self, envelope: Envelope) -> None:
        """Queues a message; closes the connection if the client does not read."""
        frame = envelope.frame(self._version)
        self._waiting_bytes += len(frame)
        self._outgoing.put_nowait(frame)
        if self._waiting_bytes > limits.MAX_WAITING_BYTES:
            self.spawn(self._end(TRY_AGAIN_LATER, "You read too slowly"))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs ``work`` as a task until the socket ends."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self) -> None:
        while True:
            received = await self._websocket.receive()
            if received["type"] == "websocket.disconnect":
                return
            frame = received["text"] if received.get("text") is not None else received["bytes"]
            try:
                await self._handle(self._version.decode(frame))
            except (Malformed, RecursionError) as error:
                await self._end(INVALID_DATA, str(error)[:100])
                return

    async def _handle(self, message: Message) -> None:
        """Passes the message to its channel; without a channel, replies like Phoenix."""
        if message.topic == "phoenix" and message.event == "heartbeat":
            self._reply(message, "ok", {})
        elif message.event == "phx_join" and message.topic.startswith(PREFIX):
            await self._join(message)
        elif channel := self.channels.get(message.topic):
            if message.join_ref in (None, channel.join_ref):  # not an earlier join of the topic
                await client_events.handle(channel, message)
        elif message.event == "phx_leave":
            self._reply(message, "ok", {})
        else:
            self._reply(message, "error", {"reason": "unmatched topic"})

    async def _join(self, message: Message) -> None:
        if self._joins.allows():
            await joining.join(self, message)
            return
        reason = "ClientJoinRateLimitReached: Too many joins per second"
        self._reply(message, "error", {"reason": reason})
        await asyncio.sleep(0)  # lets _write send the reply
        await self._end(POLICY_VIOLATION, reason)

    def _reply(self, message: Message, status: str, response: dict[str, Any]) -> None:
        payload = {"status": status, "response": response}
        self.push(Message(message.topic, "phx_reply", payload, message.ref, message.join_ref))

    async def _write(self) -> None:
        while True:
            frame = await self._outgoing.get()
            self._waiting_bytes -= len(frame)
            try:
                await self._websocket.send_text(frame)
            except (WebSocketDisconnect, RuntimeError):
                return  # the connection is closed, and _read returns

    async def _end(self, code: int, reason: str) -> None:
        """Closes the connection, which ends _read."""
        try:
            await self._websocket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError):
            pass
