"""Progress over time: conversations, minutes and scores by day, week or month, and the trend."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.errors import InvalidInput
from accounts.models.voice_conversations import SCORES, Interval, Measures, VoiceConversationQuerySet
from accounts.services import summary
from accounts.values import timezones

MOST_PERIODS = 4_000  # eleven years of days
TREND = timedelta(days=30)


# From a period's first day, these days lead into the next period.
STEPS = {Interval.DAY: 1, Interval.WEEK: 7, Interval.MONTH: 31}


def follow(
    *,
    conversations: VoiceConversationQuerySet,
    interval: Interval,
    timezone: str,
    since: date | None,
    until: date | None,
    at: datetime,
) -> dict[str, Any]:
    """Progress in ``conversations`` as the API gives it; one query.

    The series has every period from ``since``, or else the first conversation, to ``until``, or
    else ``at``. The two are days or instants, which ``conversations`` keep already. Raises
    InvalidInput for more than MOST_PERIODS.
    """
    measures = list(conversations.measures())
    zone = timezones.zone_of(timezone)
    by_day = grouped_by_day(measures, zone)
    starts = [*by_day, *([local_day(since, zone)] if since else [])]
    # A clock that is ahead may have dated a conversation after the end: none is left out.
    ends = [*by_day, local_day(until or at, zone)]
    periods = periods_between(min(starts), max(ends), interval) if starts else []
    return {
        "interval": interval,
        "timezone": str(zone),
        "series": series_of(periods, by_day, interval),
        "trend": trend_of(measures, at),
    }


def grouped_by_day(measures: Sequence[Measures], zone: ZoneInfo) -> dict[date, list[Measures]]:
    """The conversations of each local day that has any."""
    by_day = defaultdict(list)
    for measure in measures:
        by_day[timezones.day_of(measure.created_at, zone)].append(measure)
    return by_day


def local_day(moment: date, zone: ZoneInfo) -> date:
    """A day as it is; of an instant its local day."""
    return timezones.day_of(moment, zone) if isinstance(moment, datetime) else moment


def periods_between(first: date, last: date, interval: Interval) -> list[date]:
    """The first days of all periods from that of ``first`` to that of ``last``; none if it is earlier."""
    periods: list[date] = []
    period = first_day_of(interval, first)
    while first <= last and period <= last:
        if len(periods) == MOST_PERIODS:
            message = (
                f"From {first} to {last} there are more than {MOST_PERIODS:,} {interval}s."
                " Ask for less with since and until, or for a longer interval."
            )
            raise InvalidInput(f"interval: {message}", errors={"interval": [message]})
        periods.append(period)
        period = first_day_of(interval, period + timedelta(days=STEPS[interval]))
    return periods


def first_day_of(interval: Interval, day: date) -> date:
    """The first day of the period that ``day`` is in."""
    if interval == Interval.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if interval == Interval.MONTH else day


def series_of(
    periods: Sequence[date], by_day: dict[date, list[Measures]], interval: Interval
) -> list[dict[str, Any]]:
    """What was done in each of ``periods``, in which every day of ``by_day`` is."""
    found: dict[date, list[Measures]] = {period: [] for period in periods}
    for day, measures in by_day.items():
        found[first_day_of(interval, day)] += measures
    return [
        {
            "period": period,
            "conversations": len(measures),
            "minutes": sum(measure.duration_minutes or 0 for measure in measures),
            "average_scores": summary.average_scores(measures),
        }
        for period, measures in found.items()
    ]


def trend_of(measures: Sequence[Measures], at: datetime) -> dict[str, Any]:
    """Each score's mean in the 30 times 24 hours before ``at``, and in the 30 before these.

    A conversation in the future, of a clock that is ahead, is among the last.
    """
    recent = [measure for measure in measures if at - TREND <= measure.created_at]
    earlier = [measure for measure in measures if at - 2 * TREND <= measure.created_at < at - TREND]
    now, before = summary.average_scores(recent), summary.average_scores(earlier)
    return {
        name: {
            "last_30_days": now[name],
            "previous_30_days": before[name],
            "change": difference(now[name], before[name]),
        }
        for name in SCORES
    }


def difference(now: float | None, before: float | None) -> float | None:
    """How much higher ``now`` is, to two places; None where one is missing."""
    return None if now is None or before is None else round(now - before, 2)
