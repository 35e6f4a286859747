"""IANA time zones by name."""

from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

# In the database of zones, but none: the machine's own setting, and "not set".
NO_ZONES = {"localtime", "posixrules", "Factory"}
UTC = ZoneInfo("UTC")


@lru_cache(maxsize=1)
def known_names() -> frozenset[str]:
    """Every name there is, exactly as it is written; reading them takes a moment."""
    return frozenset(available_timezones()) - NO_ZONES


def is_known(name: Any) -> bool:
    """Whether ``name`` is a time zone such as "Europe/Berlin"."""
    return isinstance(name, str) and name in known_names()


def zone_of(name: str) -> ZoneInfo:
    """The zone of a stored name; UTC for one that a later database of zones no longer has."""
    try:
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return UTC
