"""Rooms: everybody's channels of one topic, and what is sent to all of them."""

from typing import Any, Protocol

from standins.supabase.realtime.presence import Presences
from standins.supabase.realtime.protocol import Envelope, Message, Payload

PREFIX = "realtime:"


class Member(Protocol):
    """A channel, as its room sees it."""

    presence_key: str

    @property
    def reads_broadcast(self) -> bool: ...
    @property
    def reads_presence(self) -> bool: ...
    def deliver(self, envelope: Envelope) -> None: ...


class Room:
    """The members of one topic; a private one and a public one of the same name never meet."""

    def __init__(self, topic: str, *, private: bool) -> None:
        self.topic = topic
        self.private = private
        self.members: dict[Member, None] = {}
        self._presences: Presences[Member] = Presences()

    def broadcast(self, payload: Payload, *, but: Member | None = None) -> None:
        """Sends to every member who may read broadcasts, except ``but``."""
        envelope = Envelope(Message(PREFIX + self.topic, "broadcast", payload))
        for member in list(self.members):
            if member.reads_broadcast and member is not but:
                member.deliver(envelope)

    def presence_state(self) -> dict[str, Any]:
        """Who is present."""
        return self._presences.state()

    def track(self, member: Member, payload: dict[str, Any]) -> None:
        """Shows ``payload`` as the member's presence to all."""
        self._publish(self._presences.track(member, member.presence_key, payload))

    def untrack(self, member: Member) -> None:
        """Shows the member as gone."""
        self._publish(self._presences.untrack(member))

    def _publish(self, diff: dict[str, Any] | None) -> None:
        if diff is None:
            return
        envelope = Envelope(Message(PREFIX + self.topic, "presence_diff", diff))
        for member in list(self.members):
            if member.reads_presence:
                member.deliver(envelope)


class Hub:
    """The rooms that have members."""

    def __init__(self) -> None:
        self._rooms: dict[tuple[str, bool], Room] = {}

    def room(self, topic: str, *, private: bool) -> Room | None:
        """The room, if anybody is in it."""
        return self._rooms.get((topic, private))

    def enter(self, topic: str, member: Member, *, private: bool) -> Room:
        """Adds the member; the first one opens the room."""
        room = self._rooms.setdefault((topic, private), Room(topic, private=private))
        room.members[member] = None
        return room

    def leave(self, room: Room, member: Member) -> None:
        """Removes the member, whom the others see go; the last one closes the room."""
        room.members.pop(member, None)
        room.untrack(member)
        if not room.members:
            self._rooms.pop((room.topic, room.private), None)

    def broadcast(self, topic: str, payload: Payload, *, private: bool, but: Member | None = None) -> None:
        """Sends to the room, if anybody is in it, except to ``but``."""
        room = self.room(topic, private=private)
        if room:
            room.broadcast(payload, but=but)
