"""JSON decoded from PostgreSQL without a change of numbers, and the size of JSON."""

import json
import re
from typing import Any

INTEGERS = range(-(2**63), 2**63)  # those that the API accepts: any other was stored as a float
MAX_INTEGER_DIGITS = 19  # Python refuses to read an integer of some thousand digits
HAS_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % MAX_INTEGER_DIGITS)  # it may be a float


class Decoder(json.JSONDecoder):
    """Decodes jsonb. PostgreSQL returns the number 1e300 as an integer of 301 digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(parse_int=integer_or_float, **options)


def loads(text: bytes | str) -> Any:
    """The value of jsonb that PostgreSQL has written."""
    return json.loads(text, cls=Decoder)


def integer_or_float(text: str) -> int | float:
    """The number that was stored as the JSON integer ``text``: a float if 64 bits do not contain it."""
    is_integer = len(text.lstrip("-")) <= MAX_INTEGER_DIGITS and int(text) in INTEGERS
    return int(text) if is_integer else float(text)


def size_of(value: Any) -> int:
    """The size of ``value`` in bytes, as compact JSON in UTF-8."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
