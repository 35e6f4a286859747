"""Typed access to request bodies and query strings."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from standins.supabase.auth.errors import bad_json, validation_failed

MAX_DEPTH = 64
MAX_EMAIL_CHARACTERS = 255
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The HTML standard's "valid e-mail address", which Supabase Auth checks too.
EMAIL = re.compile(rf"[a-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*")
# PostgreSQL stores neither NUL nor unpaired surrogates.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Fields:
    """The fields of a request. A missing value, null and an empty value count as equal.

    The methods raise AuthError for a value of a wrong type.
    """

    values: Mapping[str, Any]

    @classmethod
    def from_json(cls, body: bytes) -> "Fields":
        """The members of a JSON object; an empty body is an empty object. Raises AuthError."""
        if not body.strip():
            return cls({})
        try:
            values = strict_json(body)
        except ValueError:
            raise bad_json("invalid JSON") from None
        if not isinstance(values, dict):
            raise bad_json("expected an object")
        if not is_storable(values):
            raise bad_json("it contains a character that cannot be stored, or is nested too deeply")
        return cls(values)

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Fields":
        """The parameters of a query string. Raises AuthError."""
        if any(UNSTORABLE.search(part) for item in query.items() for part in item):
            raise validation_failed("The query contains a character that cannot be stored")
        return cls(dict(query))

    def text(self, name: str, default: str = "") -> str:
        return str(self._typed(name, str, "string") or default)

    def flag(self, name: str) -> bool:
        return bool(self._typed(name, bool, "boolean"))

    def mapping(self, name: str) -> dict[str, Any]:
        return dict(self._typed(name, dict, "object") or {})

    def number(self, name: str, default: int = 0) -> int:
        """A non-negative integer of at most nine digits, as a number or a string."""
        value = self.values.get(name)
        if value is None or value == "":
            return default
        if isinstance(value, bool) or not re.fullmatch("[0-9]{1,9}", str(value)):
            raise bad_json(f"{name} must be a whole number")
        return int(value)

    def texts(self, name: str) -> list[str]:
        values = self._typed(name, list, "list") or []
        if not all(isinstance(value, str) for value in values):
            raise bad_json(f"{name} must be a list of strings")
        return list(values)

    def email(self) -> str:
        """The field ``email`` in lower case. Raises AuthError if it is not an e-mail address."""
        email = self.text("email").strip().lower()
        if len(email) > MAX_EMAIL_CHARACTERS or not EMAIL.fullmatch(email):
            raise validation_failed("Unable to validate email address: invalid format")
        return email

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def _typed(self, name: str, kind: type, word: str) -> Any:
        value = self.values.get(name)
        if value is not None and not isinstance(value, kind):
            raise bad_json(f"{name} must be a {word}")
        return value


def uuid_of(text: str, name: str) -> UUID:
    """The UUID in ``text``. Raises AuthError (404), whose message contains ``name``."""
    try:
        return UUID(text)
    except ValueError:
        raise validation_failed(f"{name} must be an UUID", status=404) from None


def strict_json(text: str | bytes) -> Any:
    """The value of a JSON text. Raises ValueError, also for NaN, Infinity and numbers beyond a double."""
    try:
        return json.loads(text, parse_constant=_finite, parse_float=_finite)
    except RecursionError:
        raise ValueError("too deep") from None


def is_storable(value: Any) -> bool:
    """Whether PostgreSQL's jsonb accepts the value, and it is nested at most MAX_DEPTH levels.

    Iterative, because a deeply nested value would exceed Python's recursion limit.
    """
    pending = [(value, 1)]
    while pending:
        item, depth = pending.pop()
        if depth > MAX_DEPTH or (isinstance(item, str) and UNSTORABLE.search(item)):
            return False
        if isinstance(item, dict):
            pending += [(part, depth + 1) for pair in item.items() for part in pair]
        elif isinstance(item, list):
            pending += [(part, depth + 1) for part in item]
    return True


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number
