"""Hostile until read: request bodies and query strings as typed values."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standins.supabase.auth.errors import AuthError, bad_json, validation_failed

MAX_DEPTH = 64
MAX_EMAIL_CHARACTERS = 255
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The HTML standard's "valid e-mail address", which Supabase Auth checks too.
EMAIL = re.compile(rf"[a-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*")
# PostgreSQL stores neither NUL nor half of a surrogate pair.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Fields:
    """Named values; absent, null and empty count the same, unknown names are ignored."""

    values: Mapping[str, Any]

    @classmethod
    def from_json(cls, body: bytes) -> "Fields":
        """The members of a JSON object; no body is an empty one."""
        if not body.strip():
            return cls({})
        try:
            values = strict_json(body)
        except ValueError:
            raise bad_json("invalid JSON") from None
        if not isinstance(values, dict):
            raise bad_json("expected an object")
        if not is_storable(values):
            raise bad_json("it holds a character or a depth that cannot be stored")
        return cls(values)

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Fields":
        """The parameters of a query string; the last of equal names counts."""
        if any(UNSTORABLE.search(part) for item in query.items() for part in item):
            raise validation_failed("The query holds a character that cannot be stored")
        return cls(dict(query))

    def text(self, name: str, default: str = "") -> str:
        """A string."""
        return str(self._typed(name, str, "string") or default)

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        value = self._typed(name, bool, "boolean")
        return default if value is None else bool(value)

    def mapping(self, name: str) -> dict[str, Any]:
        """A JSON object."""
        return dict(self._typed(name, dict, "object") or {})

    def number(self, name: str, default: int = 0) -> int:
        """A whole number of at most nine digits, or such a number written as a string."""
        value = self.values.get(name)
        if value is None or value == "":
            return default
        if isinstance(value, bool) or not re.fullmatch("[0-9]{1,9}", str(value)):
            raise bad_json(f"{name} must be a whole number")
        return int(value)

    def texts(self, name: str) -> list[str]:
        """A list of strings."""
        values = self._typed(name, list, "list") or []
        if not all(isinstance(value, str) for value in values):
            raise bad_json(f"{name} must be a list of strings")
        return list(values)

    def email(self, name: str = "email") -> str:
        """An e-mail address in lower case; raises AuthError for anything else."""
        email = self.text(name).strip().lower()
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


def no_phone(fields: Fields, purpose: str) -> None:
    """Refuses a phone number: the stand-in sends no text messages."""
    if fields.text("phone"):
        raise AuthError(422, "phone_provider_disabled", f"Phone {purpose} are disabled")


def strict_json(text: str | bytes) -> Any:
    """The value of a JSON text; raises ValueError, also for what JSON has no number for."""
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("too deep") from None


def is_storable(value: Any) -> bool:
    """Whether PostgreSQL's jsonb takes the value; walks without recursion."""
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


def _refuse(word: str) -> float:
    raise ValueError(word)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number
