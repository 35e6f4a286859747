"""Rooms: the channels of all clients in one topic."""

from typing import Any, Protocol

from standins.supabase.realtime.presence import Presences
from standins.supabase.realtime.protocol import Envelope, Message, Payload

PREFIX = "realtime:"


class Member(Protocol):
    """The part of a Channel that rooms use."""

    presence_key: str

    @property
    def reads_broadcast(self) -> bool: ...
    @property
    def reads_presence(self) -> bool: ...
    def deliver(self, envelope: Envelope) -> None: ...


class Room:
    """The members of a topic. A private and a public topic of the same name are two rooms."""

    def __init__(self, topic: str, *, private: bool) -> None:
        self.topic = topic
        self.private = private
        self.members: dict[Member, None] = {}
        self._presences: Presences[Member] = Presences()

    def broadcast(self, payload: Payload, *, exclude: Member | None = None) -> None:
        """Sends ``payload`` to every member that may read broadcasts, except ``exclude``."""
        envelope = Envelope(Message(PREFIX + self.topic, "broadcast", payload))
        for member in list(self.members):
            if member.reads_broadcast and member is not exclude:
                member.deliver(envelope)

    def presence_state(self) -> dict[str, Any]:
        return self._presences.state()

    def track(self, member: Member, payload: dict[str, Any]) -> None:
        """Sets the member's presence and notifies the room."""
        self._publish(self._presences.track(member, member.presence_key, payload))

    def untrack(self, member: Member) -> None:
        """Removes the member's presence and notifies the room."""
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

    def enter(self, topic: str, member: Member, *, private: bool) -> Room:
        """Adds the member to the room, which is created for the first member."""
        room = self._rooms.setdefault((topic, private), Room(topic, private=private))
        room.members[member] = None
        return room

    def leave(self, room: Room, member: Member) -> None:
        """Removes the member and its presence, and a room without members."""
        room.members.pop(member, None)
        room.untrack(member)
        if not room.members:
            self._rooms.pop((room.topic, room.private), None)

    def broadcast(self, topic: str, payload: Payload, *, private: bool) -> None:
        """Sends ``payload`` to the room, if it exists."""
        if room := self._rooms.get((topic, private)):
            room.broadcast(payload)
