"""The figures of the admin's dashboard. Four queries, each of which PostgreSQL ends after MAX_MILLISECONDS.

Conversations are counted from the totals in models/practice.py. Days, weeks and months are in UTC.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import OperationalError
from django.db.models import Count, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import JSONObject
from django_tasks_db.models import DBTaskResult
from psycopg2.errors import QueryCanceled

from accounts.models import PracticeHour, PracticeKind, Report, User, VoiceConversation, VoiceSession
from accounts.models.local_settings import local_settings
from accounts.models.practice import start_of_week
from accounts.services.worker_health import DUE_AT

MAX_MILLISECONDS = 2_000
RECENT_DAYS = 30
WEEKS = 12
MOST_LANGUAGES = 8

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Week:
    """The conversations of a week in UTC. A score is the mean over them; None without any."""

    monday: date
    conversations: int
    minutes: int
    grammar_score: float | None
    pronunciation_score: float | None


@dataclass(frozen=True)
class Figures:
    """``numbers`` by name; one whose query took too long is missing. The lists are empty then.

    ``languages`` have the code, a spelling and the conversations; ``types`` the type and the conversations.
    """

    numbers: dict[str, Any]
    weeks: list[Week]
    languages: list[tuple[str, str, int]]
    types: list[tuple[str, int]]


def figures(*, at: datetime, viewer: User) -> Figures:
    """The figures of all people, for a member of staff. ``at`` is in UTC."""
    languages, types = kinds()
    return Figures({**people_numbers(at), **work_numbers(at, viewer)}, weeks(at), languages, types)


def recent_day(at: datetime) -> date:
    """The day from which on new people and active learners are counted."""
    return at.date() - timedelta(days=RECENT_DAYS)


def first_of_month(at: datetime) -> date:
    """The first day of the current month."""
    return at.date().replace(day=1)


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def people_numbers(at: datetime) -> dict[str, Any]:
    """``people`` and ``new_people``; ``learners``, ``conversations`` and ``minutes`` since ``recent_day``."""
    since = start_of(recent_day(at))
    new = Q(created_at__gte=since)
    people = one_row(User.objects.present(), people=Count("*"), new_people=Count("pk", filter=new))
    practice = one_row(
        PracticeHour.objects.since(since),
        learners=Count("user", distinct=True),
        conversations=Sum("conversations", default=0),
        minutes=Sum("minutes", default=0),
    )
    return merged(people, practice)


def work_numbers(at: datetime, viewer: User) -> dict[str, Any]:
    """What waits, and ``month_minutes`` and ``month_cost`` of voice sessions.

    ``reports`` wait since ``oldest_report_at``, without those about the viewer, and ``jobs`` since
    ``oldest_job_at``; beside them, ``failed_feedback``.
    The month is the calendar month, as on the page of the usage.
    """
    waiting = Report.objects.open().seen_by(viewer)
    reports = one_row(waiting, reports=Count("*"), oldest_report_at=Min("created_at"))
    failed = one_row(VoiceConversation.objects.failed(), failed_feedback=Count("*"))
    jobs = one_row(DBTaskResult.objects.ready(), jobs=Count("*"), oldest_job_at=Min(DUE_AT))
    sessions = VoiceSession.objects.in_month(first_of_month(at)).with_minutes(at).with_estimated_cost()
    costs = one_row(
        sessions, month_minutes=Sum("minutes", default=0), month_cost=Sum("estimated_cost", default=0)
    )
    return merged(reports, failed, jobs, costs)


def weeks(at: datetime) -> list[Week]:
    """The last WEEKS weeks and the current one, also those without a conversation."""
    first = at.date() - timedelta(days=at.weekday(), weeks=WEEKS)
    rows = bounded(PracticeHour.objects.since(start_of(first)).by_week())
    if rows is None:
        return []
    found = {start_of_week(row["week"]).date(): row for row in rows}
    mondays = [first + timedelta(weeks=number) for number in range(WEEKS + 1)]
    return [week_of(monday, found.get(monday, {})) for monday in mondays]


def week_of(monday: date, row: dict[str, Any]) -> Week:
    """The figures of a row of ``by_week``, which is empty for a week without a conversation."""

    def mean(score: str) -> float | None:
        count = row.get(f"total_{score}_count")
        return round(float(row[f"total_{score}_sum"]) / count, 1) if count else None

    return Week(
        monday,
        row.get("total_conversations", 0),
        row.get("total_minutes", 0),
        mean("grammar"),
        mean("pronunciation"),
    )


def kinds() -> tuple[list[tuple[str, str, int]], list[tuple[str, int]]]:
    """The conversations of the MOST_LANGUAGES most frequent languages, and of each type. One query."""
    by_language = PracticeKind.objects.by_language().annotate(kind=Value("language"))[:MOST_LANGUAGES]
    by_type = PracticeKind.objects.by_type().annotate(kind=Value("type"), spelling=Value(""))
    rows = bounded(
        by_language.values_list("kind", "target_language_code", "spelling", "total").union(
            by_type.values_list("kind", "conversation_type", "spelling", "total"), all=True
        )
    )
    found = rows or []
    languages = [(code, spelling, total) for kind, code, spelling, total in found if kind == "language"]
    return languages, [(name, total) for kind, name, _, total in found if kind == "type"]


def one_row(rows: QuerySet[Any], **numbers: Any) -> QuerySet[Any, Any]:
    """A query of one JSON object with these aggregates of the rows."""
    all_rows: Any = rows.order_by().values(one=Value(1))
    found: QuerySet[Any, Any] = all_rows.annotate(numbers=JSONObject(**numbers)).values_list("numbers")
    return found


def merged(first: QuerySet[Any, Any], *others: QuerySet[Any, Any]) -> dict[str, Any]:
    """The JSON objects of several ``one_row``, read by one query. Empty if it takes too long."""
    found: dict[str, Any] = {}
    for (numbers,) in bounded(first.union(*others, all=True)) or []:
        found |= numbers
    return found


def bounded(rows: QuerySet[Any, Any]) -> Sequence[Any] | None:
    """The rows; None if PostgreSQL takes longer than MAX_MILLISECONDS."""
    try:
        with local_settings(statement_timeout=MAX_MILLISECONDS, jit="off"):
            return list(rows)
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        logger.warning("A query of the dashboard took longer than %s ms.", MAX_MILLISECONDS)
        return None
