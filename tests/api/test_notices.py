"""Notices: who reads them, their order, and marks of reading."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Notice, Report
from tests.fixtures.people import Person
from tests.fixtures.reports import NOTICES, notices_of, reported, warn

pytestmark = pytest.mark.django_db


def test_notices_are_listed_newest_first_to_their_user_alone(
    student: Person, stranger: Person, django_assert_num_queries: Any
) -> None:
    first, second = warn(student, "first"), warn(student, "second")
    with django_assert_num_queries(2):  # user and session; the list
        found = notices_of(student)
    assert [row["id"] for row in found] == [second.pk, first.pk]
    assert list(found[0]) == ["id", "kind", "text", "report", "created_at", "read_at"]
    assert (found[0]["kind"], found[0]["text"], found[0]["read_at"]) == ("warning", "second", None)
    assert notices_of(stranger) == []


def test_notice_about_a_report_names_it(student: Person, teacher: Person) -> None:
    report: Report = reported(student, "user", str(teacher.user.pk))
    Notice.objects.create(user=student.user, kind=Notice.Kind.REPORT, text="Handled.", report=report)
    [found] = notices_of(student)
    assert (found["kind"], found["report"]) == ("report", report.pk)


def test_first_time_of_reading_is_kept(student: Person) -> None:
    path = f"{NOTICES}{warn(student).pk}/read/"
    before = timezone.now()
    first, again = student.client.post(path), student.client.post(path)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json() == notices_of(student)[0]
    read_at = Notice.objects.get().read_at
    assert read_at is not None and read_at >= before


def test_notice_of_another_user_is_not_found(student: Person, stranger: Person) -> None:
    notice = warn(student)
    response = stranger.client.post(f"{NOTICES}{notice.pk}/read/")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert Notice.objects.get().read_at is None
    assert response.content == stranger.client.post(f"{NOTICES}999999/read/").content
