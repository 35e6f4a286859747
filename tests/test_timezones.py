"""Names of time zones, the day before a day, and the instants at which an offset changes."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.values import timezones


@pytest.mark.parametrize(
    ("name", "known"),
    [
        *(("UTC", True), ("Europe/Berlin", True), ("America/Argentina/Buenos_Aires", True)),
        *(("europe/berlin", False), ("Mars/Olympus", False), ("", False), (None, False), (["UTC"], False)),
        *(("localtime", False), ("posixrules", False), ("Factory", False)),
    ],
)
def test_a_zone_is_known_by_its_exact_name(name: Any, known: bool) -> None:
    assert timezones.is_known(name) == known


@pytest.mark.parametrize("name", ["Gone/Zone", "../../etc/passwd", "/etc/passwd", "", "Europe", "a\x00"])
def test_a_name_without_a_zone_is_utc(name: str) -> None:
    assert timezones.zone_of(name) == timezones.UTC


@pytest.mark.parametrize(
    ("zone", "day", "before"),
    [
        ("Europe/Berlin", date(2026, 3, 1), date(2026, 2, 28)),
        ("Europe/Berlin", date(2026, 3, 29), date(2026, 3, 28)),  # 23 hours
        ("Europe/Berlin", date(2026, 3, 30), date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 10, 26), date(2026, 10, 25)),  # 25 hours
        ("Pacific/Apia", date(2011, 12, 31), date(2011, 12, 29)),  # skipped a day
        ("Pacific/Apia", date(2011, 12, 29), date(2011, 12, 28)),
        ("Pacific/Kwajalein", date(1993, 8, 22), date(1993, 8, 20)),
        ("Pacific/Kwajalein", date(1969, 9, 30), date(1969, 9, 29)),  # had 30 September twice
    ],
)
def test_the_day_before_is_the_last_one_that_the_zone_had(zone: str, day: date, before: date) -> None:
    assert timezones.day_before(day, ZoneInfo(zone)) == before


@pytest.mark.parametrize(
    ("zone", "year", "offsets"),
    [
        ("UTC", 2026, [("1990-01-01T00:00:00", 0)]),
        ("Asia/Kathmandu", 2026, [("1990-01-01T00:00:00", 20_700)]),
        ("Europe/Berlin", 2026, [("2026-03-29T01:00:00", 7200), ("2026-10-25T01:00:00", 3600)]),
        ("Australia/Lord_Howe", 2026, [("2026-04-04T15:00:00", 37_800), ("2026-10-03T15:30:00", 39_600)]),
        ("Pacific/Apia", 2011, [("2011-09-24T14:00:00", -36_000), ("2011-12-30T10:00:00", 50_400)]),
        ("America/Caracas", 2026, [("2007-12-09T07:00:00", -16_200), ("2016-05-01T07:00:00", -14_400)]),
        ("Asia/Pyongyang", 2015, [("1990-01-01T00:00:00", 32_400), ("2015-08-14T15:00:00", 30_600)]),
    ],
)
def test_offsets_change_at_the_second(zone: str, year: int, offsets: list[tuple[str, int]]) -> None:
    found = [(f"{at:%Y-%m-%dT%H:%M:%S}", offset) for at, offset in timezones.offsets_of(ZoneInfo(zone), year)]
    assert found[-len(offsets) :] == offsets
    assert len(found) == len(offsets) or found[0][0] == "1990-01-01T00:00:00"


def test_every_offset_is_that_of_the_zone() -> None:
    for name in ("Europe/Lisbon", "America/New_York", "Africa/Casablanca", "Asia/Gaza"):
        found = timezones.offsets_of(ZoneInfo(name), 2026)
        assert found == sorted(found)
        for day in range(1, 13_500, 5):
            instant = datetime.fromtimestamp(631_152_000 + 86_400 * day, UTC)
            offset = next(offset for at, offset in reversed(found) if at <= instant)
            assert instant.astimezone(ZoneInfo(name)).utcoffset().total_seconds() == offset
