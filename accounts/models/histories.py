"""Statistics of a user's voice conversations, aggregated by PostgreSQL in one statement.

A whole history is read from the totals in ``practice.py``; selected conversations are read row by row from
the index ``conversation_of_user``. Both give the same figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from operator import add
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from accounts.models.history_sql import (
    ALL,
    FIRST_DAYS,
    IS_SPLIT,
    IS_WHOLE,
    LANGUAGES_OF_ALL,
    LANGUAGES_OF_ROWS,
    MIDNIGHT_WITHIN,
    MOMENTS_OF_HOURS,
    MOMENTS_OF_ROWS,
    MOMENTS_OF_SPLIT_HOURS,
    PERIODS,
    PERIODS_OF_MOMENTS,
    SUMMARY,
    TYPES_OF_ALL,
    TYPES_OF_ROWS,
)
from accounts.models.local_settings import statistics_settings
from accounts.models.users import User
from accounts.models.voice_conversations import Interval, VoiceConversationQuerySet
from accounts.values import timezones

MAX_FEEDBACK_ROWS = 100  # the newest conversations; feedback on older ones is out of date
MAX_LANGUAGES = 200  # the most frequent ones
EPOCH = date(1970, 1, 1).toordinal()
COLUMNS = (
    "id",
    "created_at",
    "duration_minutes",
    "conversation_type",
    "target_language",
    "target_language_code",
    "grammar_score",
    "pronunciation_score",
    "ai_feedback",
)
FIRST_HOUR = -(2**31)


class Figures(NamedTuple):
    """Sums over conversations. ``timed`` have a duration; the counts are of conversations with the score."""

    conversations: int = 0
    timed: int = 0
    minutes: int = 0
    grammar_sum: Decimal = Decimal(0)
    grammar_count: int = 0
    pronunciation_sum: Decimal = Decimal(0)
    pronunciation_count: int = 0

    def averages(self) -> dict[str, float | None]:
        """The mean of each score, to two decimal places; None if no conversation has the score."""
        sums = {
            "grammar_score": (self.grammar_sum, self.grammar_count),
            "pronunciation_score": (self.pronunciation_sum, self.pronunciation_count),
        }
        return {
            name: round(float(total) / count, 2) if count else None for name, (total, count) in sums.items()
        }

    def plus(self, other: "Figures") -> "Figures":
        """The sums over the conversations of both."""
        return Figures(*map(add, self, other))


class Totals(NamedTuple):
    """What the summary reads. Languages, types and feedback are ordered by the last use, newest first.

    Of more than MAX_LANGUAGES languages, the most frequent ones, and of those the last used. A language is
    labelled by its most frequent spelling, and of equally frequent ones by the last used.
    """

    figures: Figures
    recent: int
    days: list[date]  # with a conversation, ascending
    languages: list[tuple[str, str, int]]  # code, label, conversations
    types: list[tuple[str, int]]
    feedback: list[tuple[Any, Any]]  # areas for improvement and suggested topics, MAX_TEXTS of each
    first_at: datetime | None
    last_at: datetime | None


class PeriodFigures(NamedTuple):
    """The figures of a day, week or month. One with an instant of ``periods`` in it has several."""

    first_day: date
    part: int  # 0 before both instants of ``periods``, 1 from the first one on, 2 from the second one on
    figures: Figures


@dataclass(frozen=True)
class History:
    """The conversations of a user, all of them if ``selected`` is None."""

    user: User
    selected: VoiceConversationQuerySet | None = None

    def totals(self, *, zone: ZoneInfo, recent: datetime, at: datetime) -> Totals:
        """The totals, and the number of conversations at ``recent`` or later. Days are those of ``zone``."""
        rows, selection = self._rows()
        languages, types = LANGUAGES_OF_ALL, TYPES_OF_ALL
        if self.selected is not None:
            languages, types = LANGUAGES_OF_ROWS.format(rows=rows), TYPES_OF_ROWS.format(rows=rows)
        moments = " union all ".join(self._moments(rows, zone, at))
        sql = SUMMARY.format(moments=moments, rows=rows, languages=languages, types=types)
        values = {**selection, "recent": recent, "newest": MAX_FEEDBACK_ROWS, "languages": MAX_LANGUAGES}
        [row] = self._run(sql, zone, at, [recent], values)
        count, days, spellings, kinds, feedback, *ends = row[7:]
        days = [date.fromordinal(EPOCH + day) for day in days]
        return Totals(figures_of(row[:7]), count, days, spellings or [], kinds or [], feedback or [], *ends)

    def periods(
        self, interval: Interval, *, zone: ZoneInfo, earlier: datetime, recent: datetime, at: datetime
    ) -> list[PeriodFigures]:
        """The figures of each period with conversations, ascending, separated at ``earlier`` and ``recent``.

        Days are those of ``zone``; weeks begin on Monday.
        """
        rows, selection = self._rows()
        first_day = FIRST_DAYS[interval]
        moments = self._moments(rows, zone, at)
        sums = [PERIODS_OF_MOMENTS.format(moments=each, first_day=first_day) for each in moments]
        sql = PERIODS.format(periods=" union all ".join(sums))
        values = {**selection, "earlier": earlier, "recent": recent}
        return [
            PeriodFigures(date.fromordinal(EPOCH + day), part, figures_of(figures))
            for day, part, *figures in self._run(sql, zone, at, [earlier, recent], values)
        ]

    def _rows(self) -> tuple[str, dict[str, Any]]:
        """The SQL of the conversations, and its parameters."""
        return (ALL, {}) if self.selected is None else sql_of(self.selected)

    def _moments(self, rows: str, zone: ZoneInfo, at: datetime) -> list[str]:
        """The SQL of the parts of the history, of which each conversation is in one."""
        if self.selected is not None:
            return [MOMENTS_OF_ROWS.format(rows=rows)]
        whole, split = IS_WHOLE, IS_SPLIT
        if any(offset % 3600 for _, offset in timezones.offsets_of(zone, at.year + 1)):
            whole, split = f"{whole} and not {MIDNIGHT_WITHIN}", f"({split} or {MIDNIGHT_WITHIN})"
        return [MOMENTS_OF_HOURS.format(whole=whole), MOMENTS_OF_SPLIT_HOURS.format(split=split)]

    def _run(
        self, sql: str, zone: ZoneInfo, at: datetime, instants: Sequence[datetime], values: dict[str, Any]
    ) -> list[Any]:
        """The rows of a statement. ``instants`` are the bounds in it."""
        parameters = {**zone_parameters(zone, at, instants), **values, "user": self.user.pk}
        with statistics_settings(), connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            found: list[Any] = cursor.fetchall()
            return found


def figures_of(row: Sequence[Any]) -> Figures:
    """The figures of a row of SUMS."""
    conversations, timed, minutes, grammar_sum, grammar_count, pronunciation_sum, pronunciation_count = row
    return Figures(
        int(conversations),
        int(timed),
        int(minutes),
        grammar_sum,
        int(grammar_count),
        pronunciation_sum,
        int(pronunciation_count),
    )


def sql_of(rows: VoiceConversationQuerySet) -> tuple[str, dict[str, Any]]:
    """The SQL of ``rows`` with named parameters, and their values."""
    sql, values = rows.order_by().values(*COLUMNS).query.sql_with_params()
    names = [f"row_{number}" for number in range(len(values))]
    named = sql % tuple(f"%({name})s" for name in names)
    return named, dict(zip(names, values, strict=True))


def zone_parameters(zone: ZoneInfo, at: datetime, instants: Sequence[datetime]) -> dict[str, Any]:
    """The offsets of ``zone``, and the split hours: those of ``instants`` and of changes within an hour.

    The values are texts of arrays.
    """
    arrays, within = offset_arrays(zone, at.year + 1)
    return {**arrays, "cut_hours": literal(*(hour_of(instant) for instant in [*instants, *within]))}


@lru_cache(maxsize=512)
def offset_arrays(zone: ZoneInfo, until_year: int) -> tuple[dict[str, str], list[datetime]]:
    """The offsets of ``zone`` with their begins, as texts of arrays, and the begins within an hour."""
    begins, offsets = zip(*timezones.offsets_of(zone, until_year), strict=True)
    changes = begins[1:]
    arrays = {
        "first_hours": literal(FIRST_HOUR, *map(hour_of, changes)),
        "begins": literal("-infinity", *changes),
        "offsets": literal(*offsets),
    }
    return arrays, [instant for instant in changes if instant.timestamp() % 3600]


def literal(*values: Any) -> str:
    """The text of an array. PostgreSQL parses it at once, but each element of ARRAY[...] as an expression."""
    return f"{{{','.join(map(str, values))}}}"


def hour_of(instant: datetime) -> int:
    """The hours from 1970-01-01 00:00 UTC to ``instant``, rounded down."""
    return int(instant.timestamp() // 3600)
