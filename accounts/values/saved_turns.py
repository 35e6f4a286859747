"""The turns of a saved voice session, read from its conversation, which a client may have changed since."""

from typing import Any

TIMES = ("started_at_ms", "audio_end_ms")


def turns_in(transcription: Any) -> list[dict[str, Any]]:
    """The messages with a role and a text, in the shape of ``realtime_turns.turns_of``.

    A message that a client has written has no ``item_id``: it is "" then.
    """
    messages = transcription.get("messages") if isinstance(transcription, dict) else None
    found = [each for each in messages if isinstance(each, dict)] if isinstance(messages, list) else []
    return [_turn(each) for each in found if _is_text(each.get("role")) and _is_text(each.get("text"))]


def _turn(message: dict[str, Any]) -> dict[str, Any]:
    item, interrupted = message.get("item_id"), message.get("interrupted")
    times = {name: message[name] for name in TIMES if type(message.get(name)) is int}
    return {
        "role": message["role"],
        "text": message["text"],
        "item_id": item if _is_text(item) else "",
        "started_at_ms": None,
        "interrupted": interrupted is True,
        **times,
    }


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
