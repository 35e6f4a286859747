"""The parts of OpenAI's Realtime server events that make turns. The events come from browsers: trust nothing.

Shapes: ``openai.types.realtime.RealtimeServerEvent``. Malformed values are left out.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

TRANSCRIBED = "conversation.item.input_audio_transcription.completed"
NOT_TRANSCRIBED = "conversation.item.input_audio_transcription.failed"
DELETED = "conversation.item.deleted"
TRUNCATED = "conversation.item.truncated"
SPEECH_STARTED = "input_audio_buffer.speech_started"
SPEECH_STOPPED = "input_audio_buffer.speech_stopped"
COMMITTED = "input_audio_buffer.committed"
OUTPUT_CLEARED = "output_audio_buffer.cleared"
RESPONSE_CREATED = "response.created"
RESPONSE_DONE = "response.done"
SPOKEN_BY_TUTOR = "response.output_audio_transcript.done"
WRITTEN_BY_TUTOR = "response.output_text.done"

MAX_ID_CHARACTERS = 200  # OpenAI's have about 30
MAX_NUMBER = 2**31 - 1
MAX_PARTS = 16  # of an item or a response; OpenAI's have one or two
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL and lone surrogates, which jsonb cannot contain

Event = dict[str, Any]


def kept(event: Any) -> Event | None:
    """The part of an event that makes turns, usage and duration; None if there is none.

    NUL characters and lone surrogates are replaced by U+FFFD. A null ``previous_item_id`` is kept as "".
    ``kept(kept(event))`` equals ``kept(event)``, also after a round trip through JSON.
    """
    if (kind := kind_of(event)) is None:
        return None
    found: Event = {"type": kind}
    fields = READ[kind]
    for field, cleaned in fields:
        if field in event and (value := cleaned(event[field])) is not None:
            found[field] = value
    return found if fields[0][0] in found else None


def kind_of(event: Any) -> str | None:
    """The type of an event that ``kept`` reads; None for another."""
    kind = event.get("type") if type(event) is dict or isinstance(event, Mapping) else None
    return kind if type(kind) is str and kind in READ else None


def _id(value: Any) -> str | None:
    if type(value) is not str or not 0 < len(value) <= MAX_ID_CHARACTERS:
        return None
    return value if value.isascii() and "\x00" not in value else UNSTORABLE.sub("\ufffd", value)


def _link(value: Any) -> str | None:
    """An id; "" for null, which the first item has."""
    return _id(value) if value else "" if value is None or value == "" else None


def _text(value: Any) -> str | None:
    if type(value) is not str:
        return None
    return value if value.isascii() and "\x00" not in value else UNSTORABLE.sub("\ufffd", value)


def _number(value: Any) -> int | None:
    """The integer part of a number from 0 to MAX_NUMBER. NaN is in no range."""
    return int(value) if type(value) in (int, float) and 0 <= value <= MAX_NUMBER else None


def _item(value: Any) -> Event | None:
    """An item's id and type; of a message also the role; of the learner's and tutor's also the content."""
    if not isinstance(value, dict) or (item_id := _id(value.get("id"))) is None:
        return None
    found = {"id": item_id}
    if kind := _id(value.get("type")):
        found["type"] = kind
    if kind == "message" and (role := _id(value.get("role"))):
        found["role"] = role
        content = value.get("content")
        if role in ("user", "assistant") and content and isinstance(content, list):
            return {**found, "content": [_part(part) for part in content[:MAX_PARTS]]}
    return found


def _part(part: Any) -> Event:
    """The text of a part, and its type if it is the learner's audio. {} keeps the place of other parts."""
    if not isinstance(part, dict):
        return {}
    found = {"type": "input_audio"} if part.get("type") == "input_audio" else {}
    for field in ("transcript", "text"):
        if text := _text(part.get(field)):
            return {**found, field: text}
    return found


def _response(value: Any) -> Event | None:
    """A response's id, with what is known of its conversation, interruption and usage; None without."""
    if not isinstance(value, dict) or (response_id := _id(value.get("id"))) is None:
        return None
    found: Event = {"id": response_id}
    if value.get("conversation_id", response_id) is None:
        found["conversation_id"] = None
    details = value.get("status_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    if value.get("status") == "cancelled" and reason == "turn_detected":
        output = value.get("output")
        items = [_item(item) for item in (output[:MAX_PARTS] if isinstance(output, list) else [])]
        found |= {"status": "cancelled", "status_details": {"reason": "turn_detected"}}
        found["output"] = [{"id": item["id"]} for item in items if item]
    if usage := _usage(value.get("usage")):
        found["usage"] = usage
    return found if len(found) > 1 else None


def _usage(value: Any) -> Event:
    """Numbers of tokens: input, output, and the output's audio."""
    if not isinstance(value, dict):
        return {}
    names = ("input_tokens", "output_tokens")
    found: Event = {name: count for name in names if (count := _number(value.get(name))) is not None}
    details = value.get("output_token_details")
    audio = _number(details.get("audio_tokens")) if isinstance(details, dict) else None
    return found if audio is None else {**found, "output_token_details": {"audio_tokens": audio}}


CLEANED: dict[str, Callable[[Any], Any]] = {
    "audio_end_ms": _number,
    "audio_start_ms": _number,
    "content_index": _number,
    "item": _item,
    "item_id": _id,
    "previous_item_id": _link,
    "response": _response,
    "response_id": _id,
    "text": _text,
    "transcript": _text,
}
LINKED_ITEM = ("item", "previous_item_id")
# The fields of each kind of event. An event without a valid first field is left out.
FIELDS: dict[str, tuple[str, ...]] = {
    "conversation.item.created": LINKED_ITEM,
    "conversation.item.added": LINKED_ITEM,
    "conversation.item.done": LINKED_ITEM,
    "conversation.item.retrieved": LINKED_ITEM,
    "response.output_item.added": ("item", "response_id"),
    "response.output_item.done": ("item", "response_id"),
    TRANSCRIBED: ("item_id", "content_index", "transcript"),
    NOT_TRANSCRIBED: ("item_id",),
    SPOKEN_BY_TUTOR: ("item_id", "response_id", "content_index", "transcript"),
    WRITTEN_BY_TUTOR: ("item_id", "response_id", "content_index", "text"),
    DELETED: ("item_id",),
    TRUNCATED: ("item_id", "audio_end_ms"),
    SPEECH_STARTED: ("item_id", "audio_start_ms"),
    SPEECH_STOPPED: ("item_id", "audio_end_ms"),
    COMMITTED: ("item_id", "previous_item_id"),
    OUTPUT_CLEARED: ("response_id",),
    RESPONSE_CREATED: ("response",),
    RESPONSE_DONE: ("response",),
}
READ = {kind: tuple((field, CLEANED[field]) for field in fields) for kind, fields in FIELDS.items()}
