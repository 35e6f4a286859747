"""One client's place in one room, and what it may do there."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, Protocol

from standins.supabase.realtime import limits
from standins.supabase.realtime.callers import Caller, Refused
from standins.supabase.realtime.gate import DatabaseAway, Gate
from standins.supabase.realtime.hub import Hub, Room
from standins.supabase.realtime.limits import Rate
from standins.supabase.realtime.policies import BROADCAST, PRESENCE
from standins.supabase.realtime.protocol import Envelope, Message, Ref
from standins.supabase.realtime.relay import Relay
from standins.supabase.realtime.wishes import Wishes

# How long an ended session or a ban may go unnoticed.
CHECK_SECONDS = 300


class Connection(Protocol):
    """The client's socket, as its channels see it."""

    gate: Gate
    hub: Hub
    relay: Relay
    api_role: str
    channels: dict[str, "Channel"]

    def push(self, message: Message) -> None:
        """Sends one message."""

    def deliver(self, envelope: Envelope) -> None:
        """Sends what others get too."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Does ``work`` beside the reading, until the socket ends."""


class Channel:
    """A joined channel. For a private one ``reads`` and ``writes`` hold PostgreSQL's answers.

    They count for one token; whether the client may send is asked when it first does.
    """

    def __init__(self, connection: Connection, join: Message, topic: str, wishes: Wishes) -> None:
        self.connection = connection
        self.wire_topic = join.topic
        self.topic = topic
        self.join_ref: Ref = join.join_ref if join.join_ref is not None else join.ref
        self.wishes = wishes
        self.presence_key = wishes.presence_key
        self.presence_enabled = wishes.presence
        self.presence_rate = Rate(limits.PRESENCE_CALLS, limits.PRESENCE_SECONDS)
        self.reads: set[str] = set()
        self.writes: dict[tuple[str, str | None], bool] = {}
        self._token: Any = None
        self._caller = Caller({"role": connection.api_role})
        self._room: Room | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        """Whether the client is in the room."""
        return self._room is not None

    @property
    def room(self) -> Room:
        """The room; the channel is open."""
        assert self._room is not None
        return self._room

    @property
    def reads_broadcast(self) -> bool:
        """Whether broadcasts are for this client."""
        return not self.wishes.private or BROADCAST in self.reads

    @property
    def reads_presence(self) -> bool:
        """Whether it may see who is present."""
        return not self.wishes.private or PRESENCE in self.reads

    async def authorise(self, token: Any) -> None:
        """Makes the holder of ``token`` the one who is here; raises Refused."""
        gate = self.connection.gate
        caller = gate.identify(token, self.connection.api_role)
        if self.wishes.private:
            extensions = [BROADCAST, PRESENCE] if self.presence_enabled else [BROADCAST]
            self.reads = await gate.readable(caller, self.topic, extensions)
        else:
            await gate.check_account(caller)
        self.writes = {}
        self._token, self._caller = token, caller

    async def renew(self, token: Any) -> None:
        """The client's next token: who may no longer read is shown out.

        Supabase looks only when the token is another one; here the same one is as good a moment.
        """
        if not isinstance(token, str) or not token or token.startswith("sb_"):
            return
        before = self.reads
        try:
            await self.authorise(token)
        except Refused as refusal:
            self.shut_down(refusal.message)
            return
        if before - self.reads:
            self.shut_down(f"You no longer have permission to read from this Channel topic: {self.topic}")
        elif self.is_open:
            self._schedule_check()

    async def may_write(self, extension: str, event: str | None = None) -> bool:
        """Whether this client may send ``extension`` here, a broadcast as ``event``."""
        if not self.wishes.private:
            return True
        question = (extension, event)
        if question not in self.writes:
            if len(self.writes) >= limits.REMEMBERED_EVENTS:
                self.writes.clear()
            gate = self.connection.gate
            self.writes[question] = await gate.may_write(self._caller, self.topic, extension, event)
        return self.writes[question]

    async def may_read_presence(self) -> bool:
        """Asks again once presence is used, as the join did not ask without it."""
        if self.wishes.private and PRESENCE not in self.reads:
            try:
                self.reads |= await self.connection.gate.readable(self._caller, self.topic, [PRESENCE])
            except Refused:
                return False
        return True

    def open(self) -> None:
        """Enters the room."""
        connection = self.connection
        connection.channels[self.wire_topic] = self
        self._room = connection.hub.enter(self.topic, self, private=self.wishes.private)
        self._schedule_check()

    def close(self) -> None:
        """Leaves the room and tells the client so."""
        if self._room is None:
            return
        room, self._room = self._room, None
        if self._timer:
            self._timer.cancel()
        del self.connection.channels[self.wire_topic]
        self.connection.hub.leave(room, self)
        self.connection.push(Message(self.wire_topic, "phx_close", {}, self.join_ref, self.join_ref))

    def shut_down(self, reason: str) -> None:
        """Shows the client out."""
        if not self.is_open:
            return
        content = {"extension": "system", "status": "error", "message": reason, "channel": self.topic}
        self.push("system", content)
        self.close()

    def push(self, event: str, payload: dict[str, Any]) -> None:
        """Sends to this client alone."""
        self.connection.push(Message(self.wire_topic, event, payload, None, self.join_ref))

    def reply(self, message: Message, status: str = "ok", response: dict[str, Any] | None = None) -> None:
        """Answers one message of the client's."""
        payload = {"status": status, "response": response or {}}
        self.connection.push(Message(self.wire_topic, "phx_reply", payload, message.ref, self.join_ref))

    def deliver(self, envelope: Envelope) -> None:
        """Sends what the whole room gets."""
        self.connection.deliver(envelope)

    def _schedule_check(self) -> None:
        if self._timer:
            self._timer.cancel()
        delay: float = CHECK_SECONDS
        if self._caller.expires_at is not None:
            delay = min(delay, max(0, self._caller.expires_at - time.time()))
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(delay, lambda: self.connection.spawn(self._check()))

    async def _check(self) -> None:
        """Ends the channel with its token, its session or its account."""
        gate = self.connection.gate
        try:
            await gate.check_account(gate.identify(self._token, self.connection.api_role))
        except DatabaseAway:
            pass  # it says nothing about this client
        except Refused as refusal:
            self.shut_down(refusal.message)
        if self.is_open:
            self._schedule_check()
