"""Frames: Phoenix channel messages in the two versions that Supabase's clients speak.

1.0.0 sends JSON objects, 2.0.0 JSON arrays; in 2.0.0 broadcasts may be binary frames, where each
length takes one byte: kind 3 from a client, kind 4 to it (supabase/realtime, user_broadcast.ex).
"""

import json
from dataclasses import dataclass, field
from typing import Any, Protocol

from standins.supabase.auth.input import is_storable, strict_json

PUSH, BROADCAST = 3, 4
BINARY, JSON = 0, 1
MAX_LENGTH = 255

Ref = str | int | None


class Malformed(Exception):
    """A frame that says nothing."""


@dataclass(frozen=True)
class UserBroadcast:
    """A broadcast whose payload is passed on as it came: JSON in UTF-8, or any bytes."""

    event: str
    payload: bytes
    is_json: bool = True
    meta: dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """The broadcast as a JSON object; the payload is JSON."""
        meta = f',"meta":{dumps(self.meta)}' if self.meta else ""
        return f'{{"type":"broadcast","event":{dumps(self.event)},"payload":{self.payload.decode()}{meta}}}'


Payload = dict[str, Any] | UserBroadcast


@dataclass(frozen=True)
class Message:
    """One message of a channel; ``join_ref`` says of which of its joins, ``ref`` pairs a reply."""

    topic: str
    event: str
    payload: Payload
    ref: Ref = None
    join_ref: Ref = None

    @property
    def fields(self) -> dict[str, Any]:
        """The payload's members; none of a binary broadcast."""
        return self.payload if isinstance(self.payload, dict) else {}

    def payload_text(self) -> str | None:
        """The payload as JSON; None for bytes, which JSON cannot carry."""
        if isinstance(self.payload, UserBroadcast):
            return self.payload.text() if self.payload.is_json else None
        return dumps(self.payload)


class Version(Protocol):
    """How messages of one protocol version look."""

    def decode(self, frame: str | bytes) -> Message:
        """The message; raises Malformed."""

    def encode(self, message: Message) -> str | bytes | None:
        """The frame; None when this version has none for it."""


class Version1:
    """1.0.0: text, JSON objects."""

    def decode(self, frame: str | bytes) -> Message:
        value = _json(frame)
        if not isinstance(value, dict):
            raise Malformed("a message is an object")
        return _message(*(value.get(name) for name in ("join_ref", "ref", "topic", "event", "payload")))

    def encode(self, message: Message) -> str | None:
        payload = message.payload_text()
        if payload is None:
            return None
        named = {"topic": message.topic, "event": message.event}
        refs = {"ref": message.ref, "join_ref": message.join_ref}
        return f'{dumps(named)[:-1]},"payload":{payload},{dumps(refs)[1:]}'


class Version2:
    """2.0.0: text, JSON arrays; binary broadcasts."""

    def decode(self, frame: str | bytes) -> Message:
        if isinstance(frame, bytes):
            return _pushed_broadcast(frame)
        value = _json(frame)
        if not isinstance(value, list) or len(value) != 5:
            raise Malformed("a message is an array of five")
        return _message(*value)

    def encode(self, message: Message) -> str | bytes | None:
        if isinstance(message.payload, UserBroadcast):
            frame = _broadcast(message.topic, message.payload)
            if frame is not None:
                return frame
        payload = message.payload_text()
        if payload is None:
            return None
        head = dumps([message.join_ref, message.ref, message.topic, message.event])
        return f"{head[:-1]},{payload}]"


VERSIONS: dict[str, Version] = {"1.0.0": Version1(), "2.0.0": Version2()}


class Envelope:
    """One message for many: encoded at most once for each version."""

    def __init__(self, message: Message) -> None:
        self._message = message
        self._frames: dict[Version, str | bytes | None] = {}

    def frame(self, version: Version) -> str | bytes | None:
        """What a client of ``version`` gets, if it can get this message at all."""
        if version not in self._frames:
            self._frames[version] = version.encode(self._message)
        return self._frames[version]


def dumps(value: Any) -> str:
    """Compact JSON in ASCII, so that a lone surrogate cannot spoil a frame."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _json(frame: str | bytes) -> Any:
    if isinstance(frame, bytes):
        raise Malformed("this version has no binary frames")
    try:
        return strict_json(frame)
    except ValueError:
        raise Malformed("not JSON") from None


def _message(join_ref: Any, ref: Any, topic: Any, event: Any, payload: Any) -> Message:
    if not (isinstance(topic, str) and isinstance(event, str) and is_storable(topic)):
        raise Malformed("topic and event are strings")
    if any(isinstance(each, bool) or not isinstance(each, Ref) for each in (join_ref, ref)):
        raise Malformed("a ref is a string or null")
    if payload is not None and not isinstance(payload, dict):
        raise Malformed("a payload is an object")
    return Message(topic, event, payload or {}, ref, join_ref)


def _pushed_broadcast(frame: bytes) -> Message:
    """A frame of kind 3; its metadata is not used, as by Supabase."""
    if len(frame) < 7 or frame[0] != PUSH or frame[6] not in (BINARY, JSON):
        raise Malformed("unknown binary frame")
    parts, start = [], 7
    for length in frame[1:6]:
        # supabase-js writes characters beyond ASCII as single bytes: such names match nothing.
        # PostgreSQL stores no NUL.
        parts.append(frame[start : start + length].decode(errors="replace").replace("\0", "\ufffd"))
        start += length
    if start > len(frame):
        raise Malformed("a binary frame is too short")
    join_ref, ref, topic, event, _ = parts
    payload, is_json = frame[start:], frame[6] == JSON
    if is_json:
        try:
            strict_json(payload.decode())
        except ValueError:
            raise Malformed("a payload is not JSON") from None
    return Message(topic, "broadcast", UserBroadcast(event, payload, is_json), ref or None, join_ref or None)


def _broadcast(topic: str, broadcast: UserBroadcast) -> bytes | None:
    """A frame of kind 4, or None when a name is too long for it."""
    meta = dumps(broadcast.meta) if broadcast.meta else ""
    parts = [part.encode(errors="replace") for part in (topic, broadcast.event, meta)]
    if any(len(part) > MAX_LENGTH for part in parts):
        return None
    encoding = JSON if broadcast.is_json else BINARY
    return bytes([BROADCAST, *map(len, parts), encoding]) + b"".join(parts) + broadcast.payload
