"""IANA time zones by name."""

from datetime import date, datetime, time, timedelta
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


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The local day of ``instant``."""
    return instant.astimezone(zone).date()


def day_before(day: date, zone: ZoneInfo) -> date:
    """The last local day before ``day``: Samoa had no 30 December 2011, its 31st followed the 29th."""
    noon = datetime.combine(day, time(12), zone).astimezone(UTC)
    return min(day_of(noon - timedelta(days=1), zone), day - timedelta(days=1))
