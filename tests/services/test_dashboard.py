"""The figures of the dashboard."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import Report, User, VoiceConversation
from accounts.services import dashboard
from accounts.services.dashboard import Week
from accounts.values import realtime_prices
from tests.fixtures.people import Person
from tests.fixtures.stored_sessions import make_session

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
MIDNIGHT = datetime(2026, 10, 26, tzinfo=UTC)  # 30 days before
SECOND = timedelta(seconds=1)


def save(person: Person, at: datetime = AT, **changes: Any) -> None:
    """Saves a conversation over the API, and sets its time."""
    pk = person.save_conversation(**changes)["id"]
    VoiceConversation.objects.filter(pk=pk).update(created_at=at)


def figures(at: datetime = AT, viewer: User | None = None) -> dashboard.Figures:
    """The figures for a member of staff, whom nobody has reported unless it is ``viewer``."""
    return dashboard.figures(at=at, viewer=viewer or User(id=uuid4()))


def numbers() -> dict[str, Any]:
    return figures().numbers


def test_figures_of_an_empty_database_are_zero() -> None:
    found = figures()
    assert {value for value in found.numbers.values() if value} == set()
    assert found.numbers["people"] == found.numbers["month_cost"] == 0
    assert found.numbers["oldest_job_at"] is None
    assert (found.languages, found.types) == ([], [])
    assert [week.monday for week in found.weeks[-2:]] == [date(2026, 11, 16), date(2026, 11, 23)]
    assert len(found.weeks) == 13 and {week.grammar_score for week in found.weeks} == {None}


def test_people_are_counted_until_they_are_deleted(student: Person, stranger: Person, staff: Person) -> None:
    User.objects.filter(pk=student.user.pk).update(created_at=MIDNIGHT - SECOND)
    User.objects.exclude(pk=student.user.pk).update(created_at=MIDNIGHT)
    assert (numbers()["people"], numbers()["new_people"]) == (3, 2)
    stranger.user.anonymise(at=AT)
    assert (numbers()["people"], numbers()["new_people"]) == (2, 1)


def test_practice_of_the_last_30_days_is_counted(student: Person, stranger: Person) -> None:
    save(student, duration_minutes=5)
    save(student, MIDNIGHT, duration_minutes=7)
    save(stranger, MIDNIGHT - SECOND, duration_minutes=100)
    found = numbers()
    assert (found["learners"], found["conversations"], found["minutes"]) == (1, 2, 12)


def test_weeks_begin_on_monday_in_utc(student: Person) -> None:
    monday = datetime(2026, 11, 16, tzinfo=UTC)
    save(student, monday, duration_minutes=3, ai_feedback={"grammar_score": 80})
    save(student, monday + timedelta(days=7) - SECOND, duration_minutes=4, ai_feedback={"grammar_score": 61})
    save(student, monday - SECOND, ai_feedback={"pronunciation_score": 40.5})
    weeks = figures().weeks
    assert weeks[-3:-1] == [
        Week(date(2026, 11, 9), 1, 12, None, 40.5),
        Week(date(2026, 11, 16), 2, 7, 70.5, None),
    ]


def test_conversations_are_counted_by_language_and_type(student: Person, stranger: Person) -> None:
    for language in ("Spanish", "español", "Spanish"):
        save(student, target_language=language)
    save(stranger, target_language="Spanish", conversation_type="lesson")
    save(stranger, target_language="French", conversation_type="lesson")
    found = figures()
    assert found.languages == [("es", "Spanish", 4), ("fr", "French", 1)]
    assert found.types == [("practice", 3), ("lesson", 2)]


def test_only_the_most_frequent_languages_are_listed(student: Person) -> None:
    for number in range(dashboard.MOST_LANGUAGES + 1):
        save(student, target_language=f"Language {number}")
    save(student, target_language="Language 8")
    found = figures()
    assert found.languages[0] == ("language 8", "Language 8", 2)
    assert len(found.languages) == dashboard.MOST_LANGUAGES


def test_failed_feedback_is_counted(student: Person) -> None:
    for status in ("failed", "failed", "done", "queued"):
        pk = student.save_conversation()["id"]
        VoiceConversation.objects.filter(pk=pk).update(feedback_status=status)
    assert numbers()["failed_feedback"] == 2


def test_the_oldest_due_job_is_found(student: Person) -> None:
    now = timezone.now()
    ages = {"READY": 5, "RUNNING": 60, "FAILED": 70}
    for status, minutes in ages.items():
        make_job(status, run_after=now - timedelta(minutes=minutes))
    make_job("READY", run_after=now + timedelta(hours=1))
    found = figures(now).numbers
    assert found["jobs"] == 1
    assert datetime.fromisoformat(found["oldest_job_at"]) == now - timedelta(minutes=5)


def make_job(status: str, *, run_after: datetime) -> None:
    DBTaskResult.objects.create(
        status=status, run_after=run_after, args_kwargs={}, task_path="x", backend_name="default"
    )


def test_open_reports_are_counted(student: Person, stranger: Person) -> None:
    for reporter, handled_at in ((student, None), (stranger, None), (student, AT)):
        action = Report.Action.DISMISS if handled_at else ""
        report = Report.objects.create(
            kind="user",
            reported_id="1",
            reason="spam",
            reporter=reporter.user,
            handled_at=handled_at,
            action=action,
        )
        Report.objects.filter(pk=report.pk).update(created_at=AT - timedelta(days=report.pk))
    found = numbers()
    oldest = Report.objects.open().order_by("created_at")[0].created_at
    assert (found["reports"], datetime.fromisoformat(found["oldest_report_at"])) == (2, oldest)


def test_reports_about_the_viewer_are_not_counted(student: Person, staff: Person) -> None:
    for user in (staff.user, student.user):
        Report.objects.create(kind="user", reported_id=str(user.pk), reported_user=user, reason="spam")
    assert numbers()["reports"] == 2
    assert figures(viewer=staff.user).numbers["reports"] == 1


def test_the_cost_is_that_of_the_calendar_month(student: Person) -> None:
    make_session(student.user, datetime(2026, 11, 1, tzinfo=UTC), charged_minutes=10)
    make_session(student.user, datetime(2026, 10, 31, 23, 59, tzinfo=UTC), charged_minutes=600)
    found = numbers()
    assert found["month_minutes"] == 10
    assert found["month_cost"] == pytest.approx(float(10 * realtime_prices.price_on(AT.date()).per_minute))
