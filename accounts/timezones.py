"""IANA time zones by name."""

from typing import Any
from zoneinfo import ZoneInfo


def is_known(name: Any) -> bool:
    """Whether ``name`` is a time zone such as "Europe/Berlin"."""
    try:
        return isinstance(name, str) and bool(ZoneInfo(name))
    except (
        ValueError,
        KeyError,
        OSError,
    ):  # a bad key, an unknown one, a folder of zones
        return False
