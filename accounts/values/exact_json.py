"""JSON as the database keeps it: read back equal, and measured."""

import json
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
