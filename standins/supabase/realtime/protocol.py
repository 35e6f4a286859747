"""Frames: Phoenix channel messages in protocol versions 1.0.0 (JSON objects) and 2.0.0 (JSON arrays).

In 2.0.0, supabase-js sends broadcasts in binary frames of kind 3 (realtime-js, serializer.ts). The stand-in
decodes these, so that the policies apply to them. It sends text frames only.
"""

import json
from dataclasses import dataclass
from typing import Any, Protocol

from standins.supabase.auth.input import is_storable, strict_json

# A binary frame: kind, lengths of join_ref, ref, topic, event and metadata, encoding, then the contents.
BROADCAST_KIND, JSON_ENCODING, HEADER_BYTES = 3, 1, 7

Ref = str | int | None
Payload = dict[str, Any] | str  # str: the JSON text of an object


class Malformed(Exception):
    """The frame is not a valid message."""


@dataclass(frozen=True)
class Message:
    """A channel message. ``join_ref`` identifies the join; a reply has the ``ref`` of its request."""

    topic: str
    event: str
    payload: Payload
    ref: Ref = None
    join_ref: Ref = None

    @property
    def fields(self) -> dict[str, Any]:
        """The payload of a client's message."""
        assert isinstance(self.payload, dict)
        return self.payload


class Version(Protocol):
    """The frame format of one protocol version."""

    def decode(self, frame: str | bytes) -> Message:
        """Raises Malformed."""

    def encode(self, message: Message) -> str: ...


class Version1:
    """1.0.0: JSON objects."""

    def decode(self, frame: str | bytes) -> Message:
        if isinstance(frame, bytes):
            raise Malformed("this version has no binary frames")
        value = _json(frame)
        if not isinstance(value, dict):
            raise Malformed("a message is an object")
        return _message(*(value.get(name) for name in ("join_ref", "ref", "topic", "event", "payload")))

    def encode(self, message: Message) -> str:
        named = {"topic": message.topic, "event": message.event}
        refs = {"ref": message.ref, "join_ref": message.join_ref}
        return f'{dumps(named)[:-1]},"payload":{_text(message.payload)},{dumps(refs)[1:]}'


class Version2:
    """2.0.0: JSON arrays, and binary frames for broadcasts of clients."""

    def decode(self, frame: str | bytes) -> Message:
        if isinstance(frame, bytes):
            return _binary_broadcast(frame)
        value = _json(frame)
        if not isinstance(value, list) or len(value) != 5:
            raise Malformed("a message is an array of five")
        return _message(*value)

    def encode(self, message: Message) -> str:
        head = dumps([message.join_ref, message.ref, message.topic, message.event])
        return f"{head[:-1]},{_text(message.payload)}]"


VERSIONS: dict[str, Version] = {"1.0.0": Version1(), "2.0.0": Version2()}


class Envelope:
    """A message for several clients, encoded at most once per protocol version."""

    def __init__(self, message: Message) -> None:
        self._message = message
        self._frames: dict[Version, str] = {}

    def frame(self, version: Version) -> str:
        if version not in self._frames:
            self._frames[version] = version.encode(self._message)
        return self._frames[version]


def dumps(value: Any) -> str:
    """Compact JSON in ASCII, because lone surrogates cannot be encoded in UTF-8."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _text(payload: Payload) -> str:
    return payload if isinstance(payload, str) else dumps(payload)


def _json(text: str | bytes) -> Any:
    try:
        return strict_json(text)
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


def _binary_broadcast(frame: bytes) -> Message:
    """The broadcast in a frame of kind 3. Its metadata are ignored, as on Supabase. Raises Malformed."""
    if len(frame) < HEADER_BYTES or frame[0] != BROADCAST_KIND or frame[6] != JSON_ENCODING:
        raise Malformed("unknown binary frame")
    parts, start = [], HEADER_BYTES
    for length in frame[1:6]:
        # supabase-js writes one byte for a character beyond ASCII, which may be invalid UTF-8.
        parts.append(frame[start : start + length].decode(errors="replace"))
        start += length
    if start > len(frame):
        raise Malformed("a binary frame is too short")
    join_ref, ref, topic, event, _ = parts
    content = {"type": "broadcast", "event": event, "payload": _json(frame[start:])}
    return Message(topic, "broadcast", content, ref or None, join_ref or None)
