"""Reports at the same moment: one open report of each thing for a reporter, none of a deleted one."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.integrations import access_tokens
from accounts.models import Report
from accounts.services import deletions, reports
from tests.fixtures.people import Person, client_of
from tests.fixtures.reports import REPORTS, close, reported
from tests.fixtures.threads import at_once, result_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]


def test_reports_at_once_make_one(student: Person, teacher: Person) -> None:
    body = {"kind": "user", "id": str(teacher.user.pk), "reason": "spam"}
    answers = at_once(6, lambda _: client_of(student.token).post(REPORTS, body))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Report.objects.count() == 1


def test_database_refuses_a_second_open_report(student: Person, teacher: Person, staff: Person) -> None:
    first = reported(student, "user", str(teacher.user.pk))
    first.pk = None
    with pytest.raises(IntegrityError, match="report_open_once_per_reporter"), transaction.atomic():
        first.save(force_insert=True)
    close(Report.objects.get(), staff.user)
    first.save(force_insert=True)


def test_report_that_waits_for_the_deletion_of_its_reporter_is_refused(
    student: Person, teacher: Person
) -> None:
    def delete() -> None:
        claims = access_tokens.verify(student.token)
        deletions.delete_user(user=student.user, claims=claims, confirm=student.user.email, at=timezone.now())

    body = {"kind": "user", "id": str(teacher.user.pk), "reason": "spam"}
    assert result_of(lambda: student.client.post(REPORTS, body).status_code, during=delete) == 401
    assert not Report.objects.exists()


def test_deletion_of_a_reporter_waits_for_the_report(student: Person, teacher: Person) -> None:
    def file() -> None:
        fields = {"kind": "user", "reported_id": str(teacher.user.pk), "reason": "spam", "text": "secret"}
        reports.file_report(user=student.user, at=timezone.now(), **fields)

    body = {"confirm": student.user.email}
    delete = lambda: student.client.delete("/accounts/users/me/", body).status_code  # noqa: E731
    assert result_of(delete, during=file) == 204
    report = Report.objects.get()
    assert (report.reporter, report.text) == (None, "")
