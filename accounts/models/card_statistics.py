"""Statistics of a learner's cards and reviews, aggregated by PostgreSQL in three statements."""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from accounts.models.histories import EPOCH, MAX_LANGUAGES, literal
from accounts.models.local_settings import statistics_settings
from accounts.models.users import User
from accounts.values import timezones

FORECAST_DAYS = 14
# The local day of an instant, as the number of days since 1970. Offsets are those of the zone data of Python.
DAY = """(({instant} at time zone 'UTC')
  + (%(offsets)s::int[])[width_bucket({instant}, %(begins)s::timestamptz[])] * interval '1 second')::date
  - date '1970-01-01'"""
# The last column is the number of due cards in all languages.
LANGUAGES = """
select *, sum(due_now) over () from (
  select language_code, count(*) filter (where suspended_at is null and due_at <= %(at)s) as due_now,
    count(*) as cards
  from accounts_card where learner_id = %(learner)s group by 1) languages
order by cards desc, language_code limit %(languages)s"""
FORECAST = f"""
select case when due_at <= %(at)s then %(today)s else {DAY.format(instant="due_at")} end as day, count(*)
from accounts_card
where learner_id = %(learner)s and suspended_at is null and due_at < %(horizon)s
group by 1"""
REVIEWS = f"""
select count(*) filter (where day >= %(today)s), count(*) filter (where reviewed_at >= %(recent)s),
  count(*) filter (where reviewed_at >= %(recent)s and rating > 1), coalesce(array_agg(distinct day), '{{}}')
from (
  select reviewed_at, rating, {DAY.format(instant="reviewed_at")} as day
  from accounts_cardreview where learner_id = %(learner)s) reviews"""


class DueLanguage(NamedTuple):
    """The cards in one language: those due now, and all of them."""

    language_code: str
    due_now: int
    cards: int


class ReviewTotals(NamedTuple):
    """Numbers of reviews, and the days with a review. A review in the future counts as one of today."""

    today: int
    recent: int
    retained: int  # of the recent ones, those not rated "again"
    days: list[date]


class CardStatistics(NamedTuple):
    """The numbers of the summary. Languages with the most cards come first, at most MAX_LANGUAGES.

    ``due_now`` counts the cards in every language. ``forecast`` has the number of cards that become due on
    a day, for days with any, from today on; overdue cards are due today.
    """

    due_now: int
    languages: list[DueLanguage]
    forecast: dict[date, int]
    reviews: ReviewTotals


def statistics_of(user: User, *, zone: ZoneInfo, recent: datetime, at: datetime) -> CardStatistics:
    """The statistics at ``at``, with the reviews from ``recent`` on. Days are those of ``zone``."""
    begins, offsets = zip(*timezones.offsets_of(zone, at.year + 1), strict=True)
    values = {
        "learner": user.pk,
        "at": at,
        "recent": recent,
        "today": timezones.day_of(at, zone).toordinal() - EPOCH,
        "horizon": at + timedelta(days=FORECAST_DAYS + 1),
        "begins": literal("-infinity", *begins[1:]),
        "offsets": literal(*offsets),
        "languages": MAX_LANGUAGES,
    }
    today, recent_ones, retained, days = _rows(REVIEWS, values)[0]
    languages = _rows(LANGUAGES, values)
    return CardStatistics(
        due_now=int(languages[0][-1]) if languages else 0,
        languages=[DueLanguage(*row[:-1]) for row in languages],
        forecast={_date(day): count for day, count in _rows(FORECAST, values)},
        reviews=ReviewTotals(today, recent_ones, retained, [_date(day) for day in days]),
    )


def _date(day: int) -> date:
    return date.fromordinal(EPOCH + day)


def _rows(sql: str, values: dict[str, Any]) -> list[Any]:
    with statistics_settings(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[Any] = cursor.fetchall()
        return found
