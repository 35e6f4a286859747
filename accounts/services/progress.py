"""The progress report: conversations, minutes and scores by day, week or month, and the trend."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.errors import InvalidInput
from accounts.models.histories import Figures, History, PeriodFigures
from accounts.models.voice_conversations import SCORES, Interval
from accounts.values import timezones

MAX_PERIODS = 4_000  # eleven years of days
TREND = timedelta(days=30)
# Days from the first day of a period to some day of the next period.
STEPS = {Interval.DAY: 1, Interval.WEEK: 7, Interval.MONTH: 31}


def report(
    *,
    history: History,
    interval: Interval,
    timezone: str,
    since: date | None,
    until: date | None,
    at: datetime,
) -> dict[str, Any]:
    """The progress report of ``history``, in the shape of the API. One query.

    The series has every period from ``since`` to ``until``: by default from the first conversation
    to ``at``. ``history`` is already filtered by ``since`` and ``until``.
    Raises InvalidInput for more than MAX_PERIODS.
    """
    zone = timezones.zone_of(timezone)
    found = history.periods(interval, zone=zone, earlier=at - 2 * TREND, recent=at - TREND, at=at)
    first_days = [entry.first_day for entry in found]
    starts = [*first_days, *([local_day(since, zone)] if since else [])]
    # If the database's clock was ahead, a conversation may be later than the end: it still counts.
    ends = [*first_days, local_day(until or at, zone)]
    periods = periods_between(min(starts), max(ends), interval) if starts else []
    return {
        "interval": interval,
        "timezone": str(zone),
        "series": series_of(periods, found),
        "trend": trend_of(found),
    }


def local_day(moment: date, zone: ZoneInfo) -> date:
    """The day itself, or the day of an instant in ``zone``."""
    return timezones.day_of(moment, zone) if isinstance(moment, datetime) else moment


def periods_between(first: date, last: date, interval: Interval) -> list[date]:
    """The first day of each period from that of ``first`` to that of ``last``.

    Empty if ``last`` is before ``first``. Raises InvalidInput for more than MAX_PERIODS.
    """
    periods: list[date] = []
    period = first_day_of(interval, first)
    while first <= last and period <= last:
        if len(periods) == MAX_PERIODS:
            message = (
                f"From {first} to {last} there are more than {MAX_PERIODS:,} {interval}s."
                " Use since and until for a shorter time, or choose a longer interval."
            )
            raise InvalidInput(f"interval: {message}", errors={"interval": [message]})
        periods.append(period)
        period = first_day_of(interval, period + timedelta(days=STEPS[interval]))
    return periods


def first_day_of(interval: Interval, day: date) -> date:
    """The first day of the period that contains ``day``."""
    if interval == Interval.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if interval == Interval.MONTH else day


def series_of(periods: Sequence[date], found: Sequence[PeriodFigures]) -> list[dict[str, Any]]:
    """The figures of each of ``periods``. They contain every period of ``found``."""
    by_period = dict.fromkeys(periods, Figures())
    for entry in found:
        by_period[entry.first_day] = by_period[entry.first_day].plus(entry.figures)
    return [
        {
            "period": period,
            "conversations": figures.conversations,
            "minutes": figures.minutes,
            "average_scores": figures.averages(),
        }
        for period, figures in by_period.items()
    ]


def trend_of(found: Sequence[PeriodFigures]) -> dict[str, Any]:
    """Each score's mean in the 30 times 24 hours before the report, and in the 30 before that.

    A conversation later than the report counts as recent.
    """
    earlier, recent = Figures(), Figures()
    for entry in found:
        earlier = earlier.plus(entry.figures) if entry.part == 1 else earlier
        recent = recent.plus(entry.figures) if entry.part == 2 else recent
    now, before = recent.averages(), earlier.averages()
    return {
        name: {
            "last_30_days": now[name],
            "previous_30_days": before[name],
            "change": difference(now[name], before[name]),
        }
        for name in SCORES
    }


def difference(now: float | None, before: float | None) -> float | None:
    """``now`` minus ``before``, to two decimal places; None if one is missing."""
    return None if now is None or before is None else round(now - before, 2)
