"""Reports and notices of deleted accounts, in the export, and the end of copies."""

import pytest
from django.utils import timezone

from accounts.models import Notice, Report
from accounts.models.reports import COPY_KEPT
from accounts.services import reports
from tests.fixtures.people import Person
from tests.fixtures.reports import REPORTS, close, notices_of, reported, warn

pytestmark = pytest.mark.django_db

ME = "/accounts/users/me/"


@pytest.fixture
def report(student: Person, teacher: Person) -> Report:
    """A report by the student of a message of the teacher."""
    message = teacher.write(student.open_chat(teacher), "secret message")
    return reported(student, "message", message["id"], text="secret of the reporter")


def delete(person: Person) -> None:
    response = person.client.delete(ME, {"confirm": person.user.email})
    assert response.status_code == 204


def test_report_by_a_deleted_person_loses_reporter_and_text(student: Person, report: Report) -> None:
    delete(student)
    report.refresh_from_db()
    assert (report.reporter, report.text) == (None, "")
    assert report.is_open and report.copied_text == "secret message"


def test_open_report_about_a_deleted_person_keeps_its_copy(teacher: Person, report: Report) -> None:
    delete(teacher)
    report.refresh_from_db()
    assert report.reported_user == teacher.user and report.reported_id
    assert (report.copied_text, report.text) == ("secret message", "secret of the reporter")


def test_handled_report_about_a_deleted_person_loses_ids_copy_and_reason(
    teacher: Person, student: Person, staff: Person, report: Report
) -> None:
    close(report, staff.user)
    delete(teacher)
    report.refresh_from_db()
    assert (report.reported_user, report.reported_id) == (None, "")
    assert (report.copied_text, report.handling_reason) == ("", "")
    [found] = student.client.get(REPORTS).json()
    assert (found["reported"], found["state"], found["text"]) == (None, "handled", "secret of the reporter")


def test_reports_of_others_stay_as_they_are(
    student: Person, stranger: Person, staff: Person, report: Report
) -> None:
    close(report, staff.user)
    delete(stranger)
    report.refresh_from_db()
    assert (report.copied_text, report.text) == ("secret message", "secret of the reporter")


def test_notices_of_a_deleted_person_are_deleted(student: Person, stranger: Person) -> None:
    warn(student)
    kept = warn(stranger)
    delete(student)
    assert Notice.objects.get() == kept


def test_export_has_own_reports_and_notices(student: Person, teacher: Person, report: Report) -> None:
    warn(student, "Please be kind.")
    for person in (student, teacher):
        found = person.client.get(f"{ME}export/").json()
        assert found["reports"] == person.client.get(REPORTS).json()
        assert found["notices"] == notices_of(person)
        assert len(found["reports"]) == len(found["notices"]) == (1 if person is student else 0)


@pytest.mark.parametrize(("days", "kept"), [(29, "secret message"), (30, "")])
def test_copy_ends_thirty_days_after_the_handling(
    staff: Person, report: Report, days: int, kept: str
) -> None:
    close(report, staff.user, days_ago=days)
    assert report.is_expired(at=timezone.now()) == (not kept)
    reports.forget_copies.call()
    report.refresh_from_db()
    assert (report.copied_text, report.handling_reason) == (kept, "secret reason")


def test_copy_of_an_open_report_is_kept(report: Report) -> None:
    Report.objects.update(created_at=timezone.now() - 2 * COPY_KEPT)
    reports.forget_copies.call()
    report.refresh_from_db()
    assert report.copied_text == "secret message" and not report.is_expired(at=timezone.now())


def test_deletion_of_what_is_reported_keeps_the_report(student: Person, teacher: Person) -> None:
    gig = teacher.offer(title="secret title")["id"]
    report = reported(student, "gig", gig)
    assert teacher.client.delete(f"/accounts/gigs/{gig}/").status_code == 204
    report.refresh_from_db()
    assert report.reported_id == str(gig) and "secret title" in report.copied_text
    assert student.client.get(REPORTS).json()[0]["reported"] == gig
