"""A client's channel: its membership in one room, and its permissions."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, Protocol

from standins.supabase.realtime import limits
from standins.supabase.realtime.authorizer import Authorizer, DatabaseUnavailable
from standins.supabase.realtime.callers import Caller, RealtimeError, is_token
from standins.supabase.realtime.hub import Hub, Room
from standins.supabase.realtime.join_config import JoinConfig
from standins.supabase.realtime.limits import RateLimit
from standins.supabase.realtime.policies import BROADCAST, PRESENCE
from standins.supabase.realtime.protocol import Envelope, Message, Ref

# The longest time until an ended session or a ban closes the channel.
CHECK_SECONDS = 300


class Connection(Protocol):
    """The part of the client's Socket that channels use."""

    authorizer: Authorizer
    hub: Hub
    api_role: str
    channels: dict[str, "Channel"]

    def push(self, message: Message) -> None: ...
    def deliver(self, envelope: Envelope) -> None: ...
    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs ``work`` as a task until the socket ends."""


class Channel:
    """A joined channel.

    For a private channel, ``reads`` and ``writes`` cache the decisions of the policies for one token.
    Permission to write is evaluated at the first use.
    """

    def __init__(self, connection: Connection, join: Message, topic: str, config: JoinConfig) -> None:
        self.connection = connection
        self.wire_topic = join.topic
        self.topic = topic
        self.join_ref: Ref = join.join_ref if join.join_ref is not None else join.ref
        self.config = config
        self.presence_key = config.presence_key
        self.presence_enabled = config.presence
        self.presence_rate = RateLimit(limits.PRESENCE_CALLS, limits.PRESENCE_SECONDS)
        self.reads: set[str] = set()
        self.writes: dict[tuple[str, str | None], bool] = {}
        self._token: Any = None
        self._caller = Caller({"role": connection.api_role})
        self._room: Room | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        return self._room is not None

    @property
    def room(self) -> Room:
        """The room of an open channel."""
        assert self._room is not None
        return self._room

    @property
    def reads_broadcast(self) -> bool:
        return not self.config.private or BROADCAST in self.reads

    @property
    def reads_presence(self) -> bool:
        return not self.config.private or PRESENCE in self.reads

    async def authorise(self, token: Any) -> None:
        """Sets the caller to the one with ``token``, and its permissions to read. Raises RealtimeError."""
        authorizer = self.connection.authorizer
        caller = authorizer.identify(token, self.connection.api_role)
        if self.config.private:
            extensions = [BROADCAST, PRESENCE] if self.presence_enabled else [BROADCAST]
            self.reads = await authorizer.readable(caller, self.topic, extensions)
        else:
            await authorizer.check_account(caller)
        self.writes = {}
        self._token, self._caller = token, caller

    async def change_token(self, token: Any) -> None:
        """Authorises the client's next token; closes the channel if a permission to read is lost.

        Supabase does this only for a changed token, the stand-in for every token.
        """
        if not is_token(token):
            return
        before = self.reads
        try:
            await self.authorise(token)
        except RealtimeError as error:
            self.close_with_error(error.message)
            return
        if before - self.reads:
            reason = f"You no longer have permission to read from this Channel topic: {self.topic}"
            self.close_with_error(reason)
        elif self.is_open:
            self._schedule_check()

    async def may_write(self, extension: str, event: str | None = None) -> bool:
        """Whether the client may send ``extension``. ``event`` is the event of a broadcast."""
        if not self.config.private:
            return True
        key = (extension, event)
        if key not in self.writes:
            if len(self.writes) >= limits.CACHED_EVENTS:
                self.writes.clear()
            authorizer = self.connection.authorizer
            self.writes[key] = await authorizer.may_write(self._caller, self.topic, extension, event)
        return self.writes[key]

    async def may_read_presence(self) -> bool:
        """Whether the client may receive presence. Evaluates the policies unless the join has done so."""
        if self.config.private and PRESENCE not in self.reads:
            try:
                self.reads |= await self.connection.authorizer.readable(self._caller, self.topic, [PRESENCE])
            except RealtimeError:
                return False
        return True

    def open(self) -> None:
        """Enters the room and schedules the checks of the account."""
        connection = self.connection
        connection.channels[self.wire_topic] = self
        self._room = connection.hub.enter(self.topic, self, private=self.config.private)
        self._schedule_check()

    def close(self) -> None:
        """Leaves the room and sends ``phx_close``, if the channel is open."""
        if self._room is None:
            return
        room, self._room = self._room, None
        if self._timer:
            self._timer.cancel()
        del self.connection.channels[self.wire_topic]
        self.connection.hub.leave(room, self)
        self.connection.push(Message(self.wire_topic, "phx_close", {}, self.join_ref, self.join_ref))

    def close_with_error(self, reason: str) -> None:
        """Sends ``reason`` in a ``system`` event and closes the channel, if it is open."""
        if not self.is_open:
            return
        content = {"extension": "system", "status": "error", "message": reason, "channel": self.topic}
        self.push("system", content)
        self.close()

    def push(self, event: str, payload: dict[str, Any]) -> None:
        """Sends an event to this client only."""
        self.connection.push(Message(self.wire_topic, event, payload, None, self.join_ref))

    def reply(self, message: Message, status: str = "ok", response: dict[str, Any] | None = None) -> None:
        payload = {"status": status, "response": response or {}}
        self.connection.push(Message(self.wire_topic, "phx_reply", payload, message.ref, self.join_ref))

    def deliver(self, envelope: Envelope) -> None:
        """Sends a message of the room to this client."""
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
        """Closes the channel if the token has expired, or the session or the account has ended."""
        authorizer = self.connection.authorizer
        try:
            await authorizer.check_account(authorizer.identify(self._token, self.connection.api_role))
        except DatabaseUnavailable:
            pass  # the next check repeats it
        except RealtimeError as error:
            self.close_with_error(error.message)
        if self.is_open:
            self._schedule_check()
