"""JSON as the database keeps it: read back equal, measured, searched for words."""

import json
from collections.abc import Iterator
from typing import Any

LONGEST_INTEGER = 19  # digits; more come from a float, for the API takes no larger integers


class Decoder(json.JSONDecoder):
    """Reads jsonb, which writes 1e300 as an integer of 301 digits, back as it was given."""

    def __init__(self, **options: Any) -> None:
        super().__init__(parse_int=integer_or_float, **options)


def integer_or_float(text: str) -> int | float:
    """The number in ``text``."""
    return int(text) if len(text.lstrip("-")) <= LONGEST_INTEGER else float(text)


def size_of(value: Any) -> int:
    """The length of ``value`` as compact JSON in UTF-8."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def spoken_texts(transcription: Any) -> Iterator[str]:
    """What was said, in order: the string itself, or every text of the object's known shapes."""
    if isinstance(transcription, str):
        yield transcription
    elif isinstance(transcription, dict):
        for turn in [
            *transcription.get("messages", []),
            *transcription.get("segments", []),
        ]:
            yield turn["text"]
        if "full_text" in transcription:
            yield transcription["full_text"]
