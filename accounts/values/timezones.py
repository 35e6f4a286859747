"""IANA time zones, and local days in them."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

# Names in the zone database that are not zones: the machine's own setting, and "not set".
NO_ZONES = {"localtime", "posixrules", "Factory"}
UTC = ZoneInfo("UTC")
FIRST_YEAR = 1990  # of the offsets
WEEK = timedelta(days=7)  # since FIRST_YEAR, no zone has changed its offset twice in a week


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


@lru_cache(maxsize=4096)
def day_before(day: date, zone: ZoneInfo) -> date:
    """The local day before ``day``. In Samoa, 29 December 2011 precedes 31 December 2011."""
    noon = datetime.combine(day, time(12), zone).astimezone(UTC)
    return day_of(noon - timedelta(days=1), zone)


@lru_cache(maxsize=512)
def offsets_of(zone: ZoneInfo, until_year: int) -> list[tuple[datetime, int]]:
    """The offsets from UTC in seconds, each with the instant at which it begins, in ascending order.

    From FIRST_YEAR to the end of ``until_year``. The first offset also applies to earlier instants.
    """
    instant, end = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(until_year + 1, 1, 1, tzinfo=UTC)
    found = [(instant, _offset(instant, zone))]
    while instant < end:
        if _offset(instant + WEEK, zone) != found[-1][1]:
            begins = _change_between(instant, instant + WEEK, zone)
            found.append((begins, _offset(begins, zone)))
        instant += WEEK
    return found


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second with the offset of ``after``. Both are full seconds."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(middle, zone) == _offset(after, zone):
            after = middle
        else:
            before = middle
    return after


def _offset(instant: datetime, zone: ZoneInfo) -> int:
    return round((instant.astimezone(zone).utcoffset() or timedelta()).total_seconds())
