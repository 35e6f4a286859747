"""IANA time zones, and local days in them."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

# Names in the zone database that are not zones: the machine's own setting, and "not set".
NO_ZONES = {"localtime", "posixrules", "Factory"}
UTC = ZoneInfo("UTC")


@lru_cache(maxsize=1)
def known_names() -> frozenset[str]:
    """All zone names. Cached, because reading them takes time."""
    return frozenset(available_timezones()) - NO_ZONES


def is_known(name: Any) -> bool:
    """True for a time zone name such as "Europe/Berlin"; case matters."""
    return isinstance(name, str) and name in known_names()


def zone_of(name: str) -> ZoneInfo:
    """The zone of a stored name; UTC if the zone database no longer contains it."""
    try:
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return UTC


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The local day of ``instant``."""
    return instant.astimezone(zone).date()


def day_before(day: date, zone: ZoneInfo) -> date:
    """The local day before ``day``. In Samoa, 29 December 2011 precedes 31 December 2011."""
    noon = datetime.combine(day, time(12), zone).astimezone(UTC)
    return min(day_of(noon - timedelta(days=1), zone), day - timedelta(days=1))
