"""JSON that is read from PostgreSQL equal to what was stored, and its size."""

import json
from typing import Any

MAX_INTEGER_DIGITS = 19  # a longer integer was stored as a float: the API accepts 64 bits


class Decoder(json.JSONDecoder):
    """Decodes jsonb. PostgreSQL returns the number 1e300 as an integer of 301 digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(parse_int=integer_or_float, **options)


def integer_or_float(text: str) -> int | float:
    """The number that ``text``, a JSON integer, was stored as."""
    return int(text) if len(text.lstrip("-")) <= MAX_INTEGER_DIGITS else float(text)


def size_of(value: Any) -> int:
    """The length of ``value`` as compact JSON in UTF-8."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
