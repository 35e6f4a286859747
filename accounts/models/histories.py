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

from accounts.models.local_settings import statistics_settings
from accounts.models.users import User
from accounts.models.voice_conversations import Interval, VoiceConversationQuerySet
from accounts.values import timezones

MAX_FEEDBACK_ROWS = 100  # the newest conversations; feedback on older ones is out of date
MAX_TEXTS = 20  # the first ones of each list of a feedback
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

FIGURES = """1 as conversations, (r.duration_minutes is not null)::int as timed,
  coalesce(r.duration_minutes, 0) as minutes,
  private.exact_score(r.grammar_score) as grammar_sum,
  (r.grammar_score is not null)::int as grammar_count,
  private.exact_score(r.pronunciation_score) as pronunciation_sum,
  (r.pronunciation_score is not null)::int as pronunciation_count"""
# The offset from UTC in seconds, of a row and of an hour. Computed here by the zone data of Python.
SHIFT_OF_ROW = "(%(offsets)s::int[])[width_bucket(r.created_at, %(begins)s::timestamptz[])]"
SHIFT_OF_HOUR = "(%(offsets)s::int[])[width_bucket(h.hour, %(first_hours)s::int[])]"
DAY = f"((r.created_at at time zone 'UTC') + {SHIFT_OF_ROW} * interval '1 second')::date - date '1970-01-01'"
MOMENTS_OF_ROWS = f"select r.created_at as at, {DAY} as day, {FIGURES} from ({{rows}}) r"
# An hour is split into its conversations if midnight, a change of the offset or one of "cut_hours" is in it.
HOURS = f"""
select h.*, h.hour * 3600::bigint + {SHIFT_OF_HOUR} as local
from accounts_practicehour h where h.user_id = %(user)s"""
IS_WHOLE, IS_SPLIT = "h.hour <> all (%(cut_hours)s::int[])", "h.hour = any (%(cut_hours)s::int[])"
MIDNIGHT_WITHIN = "h.local %% 86400 > 82800"  # possible only if an offset is not a whole number of hours
MOMENTS_OF_HOURS = f"""
select to_timestamp(h.hour * 3600::float8) as at, (h.local / 86400)::int as day, h.conversations, h.timed,
  h.minutes, h.grammar_sum, h.grammar_count, h.pronunciation_sum, h.pronunciation_count
from ({HOURS}) h where {{whole}}"""
MOMENTS_OF_SPLIT_HOURS = f"""
select r.created_at as at, {DAY} as day, {FIGURES}
from ({HOURS}) h join accounts_voiceconversation r on r.user_id = h.user_id
  and r.created_at >= to_timestamp(h.hour * 3600::float8)
  and r.created_at < to_timestamp((h.hour + 1) * 3600::float8)
where {{split}}"""
SUMMED = (
    "conversations",
    "timed",
    "minutes",
    "grammar_sum",
    "grammar_count",
    "pronunciation_sum",
    "pronunciation_count",
)
SUMS = ", ".join(f"coalesce(sum({column}), 0) as {column}" for column in SUMMED)

ALL = "select * from accounts_voiceconversation where user_id = %(user)s"
# "last" orders by the last use: the place of the latest conversation, or its instant and id.
NUMBERED = """select target_language_code as code, target_language as spelling, conversation_type,
  row_number() over (order by created_at, id) as place from ({rows}) r"""
LANGUAGES_OF_ROWS = f"""
select code, (array_agg(spelling order by conversations desc, last desc))[1] as label,
  sum(conversations) as conversations, max(last) as last
from (
  select code, spelling, count(*) as conversations, max(place) as last
  from ({NUMBERED}) n group by 1, 2) spellings
group by 1 order by 3 desc, 4 desc limit %(languages)s"""
TYPES_OF_ROWS = f"""
select conversation_type, count(*) as conversations, max(place) as last from ({NUMBERED}) n group by 1"""
# Reads the conversations only if two spellings of a language are the most frequent ones, or if there are more
# languages than are listed.
LANGUAGES_OF_ALL = f"""
with totals as materialized (
  select code, array_agg(spelling order by conversations desc) as spellings,
    array_agg(conversations order by conversations desc) as counts, sum(conversations) as conversations
  from (
    select target_language_code as code, target_language as spelling, sum(conversations) as conversations
    from accounts_practicekind where user_id = %(user)s group by 1, 2) spellings group by 1),
doubtful as (
  select count(*) > %(languages)s or coalesce(bool_or(counts[1] = counts[2]), false) from totals)
select code, label, conversations, (
  select (r.created_at, r.id) from accounts_voiceconversation r
  where r.user_id = %(user)s and r.target_language_code = code
  order by r.created_at desc, r.id desc limit 1) as last
from (
  select code, spellings[1] as label, conversations from totals where not (table doubtful)
  union all
  select code, label, conversations from ({LANGUAGES_OF_ROWS.format(rows=ALL)}) r
  where (table doubtful)) listed"""
TYPES_OF_ALL = """
select conversation_type, sum(conversations) as conversations, (
    select (r.created_at, r.id) from accounts_voiceconversation r
    where r.user_id = %(user)s and r.conversation_type = k.conversation_type
    order by r.created_at desc, r.id desc limit 1) as last
from accounts_practicekind k where user_id = %(user)s group by 1"""
FIRST_TEXTS = f"jsonb_path_query_array(ai_feedback, '$.{{key}}[0 to {MAX_TEXTS - 1}]')"
SUMMARY = f"""
with moments as ({{moments}})
select sums.*,
  (select json_agg(json_build_array(code, label, conversations) order by last desc)
    from ({{languages}}) languages),
  (select json_agg(json_build_array(conversation_type, conversations) order by last desc)
    from ({{types}}) types),
  newest.feedback, (select created_at from ({{rows}}) r order by created_at, id limit 1), newest.last_at
from (
  select {SUMS}, coalesce(sum(conversations) filter (where at >= %(recent)s), 0),
    coalesce(array_agg(distinct day), '{{{{}}}}')
  from moments) sums, (
  select json_agg(json_build_array(areas, topics) order by created_at desc, id desc) as feedback,
    max(created_at) as last_at
  from (
    select created_at, id, {FIRST_TEXTS.format(key="areas_for_improvement")} as areas,
      {FIRST_TEXTS.format(key="suggested_next_topics")} as topics
    from ({{rows}}) r order by created_at desc, id desc limit %(newest)s) documents) newest"""
# 0 before both instants, 1 from the first one on, 2 from the second one on.
PERIODS = f"""
select first_day, part, {SUMS} from ({{periods}}) periods group by 1, 2 order by 1"""
# Each part of the moments is summed before they are united: PostgreSQL unites rows slowly.
PERIODS_OF_MOMENTS = f"""
select {{first_day}} as first_day, (at >= %(earlier)s)::int + (at >= %(recent)s)::int as part, {SUMS}
from ({{moments}}) moments group by 1, 2"""
FIRST_DAYS = {
    Interval.DAY: "day",
    Interval.WEEK: "day - (day + 3) %% 7",  # the day 0 is a Thursday
    Interval.MONTH: "date_trunc('month', date '1970-01-01' + day)::date - date '1970-01-01'",
}


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
