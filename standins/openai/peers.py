"""The tutor's end of a WebRTC call: silence as audio, and events on the data channel ``oai-events``."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from standins.openai.clients import Client
from standins.openai.plans import Plans
from standins.openai.sessions import Session

CHANNEL = "oai-events"
# Without permission for the microphone, Chromium hides its address behind a name, which is resolved by
# multicast (draft-ietf-mmusic-mdns-ice-candidates). The browser is on this machine.
HIDDEN_ADDRESS = re.compile(r"(?m)^(a=candidate:(?:\S+ ){4})\S+\.local ")


class Peer(Client):
    """One peer connection with one session. ``on_end`` is called once the connection has ended."""

    def __init__(self, settings: dict[str, Any], plans: Plans, on_end: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self.session = Session(settings, self.send, self.spawn, plans, over_webrtc=True)
        self._on_end = on_end
        self._connection: Any = None
        self._channel: Any = None
        self._frames: asyncio.Queue[str | bytes] = asyncio.Queue()

    async def accept(self, offer: str) -> str:
        """Returns the SDP answer to the offer. Raises ValueError for an offer that cannot be answered."""
        # Imported here, because the import takes a third of a second and only calls need it.
        from aiortc import AudioStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

        self._connection = connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        connection.on("datachannel", self._open)
        connection.on("track", self._listen)
        connection.on("connectionstatechange", self._watch)
        try:
            described = RTCSessionDescription(HIDDEN_ADDRESS.sub(r"\g<1>127.0.0.1 ", offer), "offer")
            await connection.setRemoteDescription(described)
            if not connection.getTransceivers() and connection.sctp is None:
                raise ValueError("The offer has no media.")
            if any(each.kind == "audio" for each in connection.getTransceivers()):
                connection.addTrack(AudioStreamTrack())
            await connection.setLocalDescription(await connection.createAnswer())
        except Exception as error:  # aiortc does not validate offers
            await connection.close()
            raise ValueError from error
        return str(connection.localDescription.sdp)

    async def close(self) -> None:
        """Closes the connection, which ends the call in the browser."""
        self.cancel_tasks()
        if self._connection is not None:
            await self._connection.close()

    async def send_frame(self, frame: str) -> None:
        if self._channel is not None and self._channel.readyState == "open":
            self._channel.send(frame)

    def _open(self, channel: Any) -> None:
        """Serves the session on the browser's data channel."""
        if channel.label == CHANNEL and self._channel is None:
            self._channel = channel
            channel.on("message", self._frames.put_nowait)
            self.spawn(self._serve())

    async def _serve(self) -> None:
        await self.session.begin()
        while True:
            await self.handle(await self._frames.get(), self.session)

    def _listen(self, track: Any) -> None:
        self.spawn(self._discard(track))

    async def _discard(self, track: Any) -> None:
        """Receives the learner's audio, which would accumulate otherwise."""
        from aiortc.mediastreams import MediaStreamError

        try:
            while True:
                await track.recv()
        except MediaStreamError:
            pass  # the track has ended

    async def _watch(self) -> None:
        if self._connection.connectionState in ("failed", "closed"):
            await self._on_end()
