"""The actions on reports: what each does, what it closes, and who learns of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.errors import NotFound
from accounts.models import Comment, Correction, Gig, Message, Notice, Participant, Report, User
from accounts.models.bans import FOREVER
from accounts.services import report_handling
from accounts.services.report_handling import Decision
from tests.fixtures.jobs import pass_time, run_jobs
from tests.fixtures.moderation import PERMISSIONS, address_of, handle, read
from tests.fixtures.people import CHATS, GIGS, Person
from tests.fixtures.reports import REPORTS, ids_of_things, notices_of, reported
from tests.fixtures.shared import Shared
from tests.fixtures.staff import page_messages, signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]

ACTION_OF_KIND = {
    "user": "warn",
    "gig": "suspend-gig",
    "message": "remove-message",
    "comment": "remove-comment",
}


@pytest.fixture
def moderator(make_staff: Callable[..., User]) -> Client:
    """A member of staff who may handle reports, suspend gigs and ban."""
    return signed_in(make_staff("Mo", *PERMISSIONS))


def delete(person: Person) -> None:
    response = person.client.delete("/accounts/users/me/", {"confirm": person.user.email})
    assert response.status_code == 204


def labels(client: Client, report: Report) -> list[str]:
    """The actions that the page of the report offers."""
    return [step.label for step in client.get(address_of(report)).context["steps"]]


def test_dismissal_closes_every_open_report_of_the_thing_and_no_other(
    moderator: Client, shared: Shared, stranger: Person
) -> None:
    ids = ids_of_things(shared)
    mine, other = reported(shared.learner, "gig", ids["gig"]), reported(shared.learner, "user", ids["user"])
    theirs = reported(stranger, "gig", ids["gig"], text="secret")
    page = handle(moderator, mine, "dismiss", reason="A good gig.")
    assert page_messages(page) == "Dismissed (2 reports closed)"
    for report in (mine, theirs):
        report.refresh_from_db()
        assert (report.action, report.handling_reason) == ("dismiss", "A good gig.")
        assert report.handled_by == User.objects.get(name="Mo") and not report.is_open
    other.refresh_from_db()
    assert other.is_open
    assert shared.learner.client.get(f"{GIGS}{ids['gig']}/").status_code == 200


def test_reporters_learn_that_it_was_handled_and_not_how(
    moderator: Client, shared: Shared, stranger: Person
) -> None:
    ids = ids_of_things(shared)
    reports = [reported(person, "gig", ids["gig"]) for person in (shared.learner, stranger)]
    handle(moderator, reports[0], "suspend-gig", reason="secret reason")
    for person, report in zip((shared.learner, stranger), reports, strict=True):
        [notice] = notices_of(person)
        assert (notice["kind"], notice["report"]) == ("report", report.pk)
        [found] = person.client.get(REPORTS).json()
        assert found["state"] == "handled"
        shown = f"{notice} {found}".lower()
        assert "secret" not in shown and "suspend" not in shown
    assert notices_of(shared.teacher) == []


def test_warning_is_a_notice_of_the_person(moderator: Client, shared: Shared) -> None:
    report = reported(shared.learner, "user", ids_of_things(shared)["user"])
    page = handle(moderator, report, "warn", warning="Please be kind.", reason="secret reason")
    assert page_messages(page) == "Warned (1 report closed)"
    [notice] = notices_of(shared.teacher)
    assert (notice["kind"], notice["text"], notice["report"]) == ("warning", "Please be kind.", None)


def test_suspended_gig_is_hidden_and_its_teacher_reads_why(moderator: Client, shared: Shared) -> None:
    pk = ids_of_things(shared)["gig"]
    handle(moderator, reported(shared.learner, "gig", pk), "suspend-gig", reason="Not a lesson.")
    assert shared.learner.client.get(f"{GIGS}{pk}/").status_code == 404
    gig = Gig.objects.get(pk=pk)
    assert (gig.status, gig.suspension_reason) == ("suspended", "Not a lesson.")
    entry = LogEntry.objects.get(content_type__model="gig")
    assert (entry.object_id, entry.change_message) == (str(pk), "Suspended: Not a lesson.")


def test_removed_message_is_a_deleted_one_that_nobody_counts(moderator: Client, shared: Shared) -> None:
    pk = ids_of_things(shared)["message"]
    report = reported(shared.learner, "message", pk)
    assert Participant.objects.get(user=shared.learner.user).unread_count == 1
    handle(moderator, report, "remove-message")
    message = Message.objects.get(pk=pk)
    assert message.deleted_at and message.content == "" and message.creation_digest == ""
    assert Participant.objects.get(user=shared.learner.user).unread_count == 0
    [shown] = shared.learner.client.get(f"{CHATS}{message.chat_id}/messages/").json()
    assert shown["content"] == "" and shown["deleted_at"] and shown["removed_by_staff"]


def test_message_deleted_by_its_sender_is_not_marked(shared: Shared) -> None:
    ids_of_things(shared)
    chat = shared.learner.open_chat(shared.teacher)["id"]
    assert shared.teacher.client.delete(f"{CHATS}{chat}/messages/1/").status_code == 204
    [shown] = shared.learner.client.get(f"{CHATS}{chat}/messages/").json()
    assert shown["deleted_at"] and shown["removed_by_staff"] is False


def test_removed_comment_is_gone_with_its_correction(moderator: Client, shared: Shared) -> None:
    made = shared.comment(text="Wrong.", quote="Yo soy hambre", corrected="Yo tengo hambre")
    handle(moderator, reported(shared.learner, "comment", made["id"]), "remove-comment")
    assert not Comment.objects.exists() and not Correction.objects.exists()
    assert shared.count() == 0


@pytest.mark.parametrize("kind", ACTION_OF_KIND)
def test_banned_person_loses_access_until_the_end(moderator: Client, shared: Shared, kind: str) -> None:
    report = reported(shared.learner, kind, ids_of_things(shared)[kind])
    page = handle(moderator, report, "ban", until="2999-01-01T12:00", reason="secret reason")
    assert page_messages(page) == "Banned (1 report closed)"
    assert shared.teacher.client.get(REPORTS).status_code == 401
    user = User.objects.get(pk=shared.teacher.user.pk)
    assert user.banned_until == datetime(2999, 1, 1, 12, tzinfo=UTC)
    entry = LogEntry.objects.get(content_type__model="user")
    assert entry.change_message == "Banned until 2999-01-01 12:00 UTC: secret reason"
    [notice] = Notice.objects.for_user(user)
    assert (notice.kind, "secret" in notice.text) == ("ban", False)


def test_ban_without_an_end_is_for_ever(moderator: Client, shared: Shared) -> None:
    handle(moderator, reported(shared.learner, "user", ids_of_things(shared)["user"]), "ban", until="")
    assert User.objects.get(pk=shared.teacher.user.pk).banned_until == FOREVER


@pytest.mark.parametrize("until", ["2020-01-01T00:00", "soon"])
def test_ban_with_a_wrong_end_is_refused(moderator: Client, shared: Shared, until: str) -> None:
    report = reported(shared.learner, "user", ids_of_things(shared)["user"])
    page = moderator.post(address_of(report, "ban"), {"reason": "x", "until": until})
    assert "until" in page.context["form"].errors
    report.refresh_from_db()
    assert report.is_open and User.objects.get(pk=shared.teacher.user.pk).banned_until is None


def test_only_superusers_ban_a_superuser(moderator: Client, superuser: User, student: Person) -> None:
    report = reported_staff(student, superuser)
    assert "Only superusers ban a superuser." in page_messages(handle(moderator, report, "ban"))
    report.refresh_from_db()
    assert report.is_open and User.objects.get(pk=superuser.pk).banned_until is None


def test_nobody_sees_or_handles_a_report_about_themselves(
    moderator: Client, boss: Client, student: Person
) -> None:
    mo = User.objects.get(name="Mo")
    report = reported_staff(student, mo)
    assert list(moderator.get("/admin/accounts/report/").context["cl"].result_list) == []
    assert moderator.get(address_of(report)).status_code == 404
    for page in ("read", "dismiss"):
        assert moderator.post(address_of(report, page), {"reason": "x"}).status_code == 404, page
    decision = Decision(action=Report.Action.DISMISS, by=mo, reason="x")
    with pytest.raises(NotFound):
        report_handling.handle_report(pk=report.pk, decision=decision, at=timezone.now())
    assert page_messages(handle(boss, report, "dismiss")) == "Dismissed (1 report closed)"


def reported_staff(reporter: Person, member: User) -> Report:
    """A report of a member of staff, with whom the reporter has a chat."""
    assert reporter.client.post(CHATS, {"participant": str(member.pk)}).status_code == 201
    return reported(reporter, "user", str(member.pk))


@pytest.mark.parametrize("kind", ACTION_OF_KIND)
def test_action_needs_a_reason_and_a_confirmation(moderator: Client, shared: Shared, kind: str) -> None:
    report = reported(shared.learner, kind, ids_of_things(shared)[kind])
    for action in ("dismiss", "warn", ACTION_OF_KIND[kind]):
        page = moderator.get(address_of(report, action))
        assert page.status_code == 200 and "Reason" in page.content.decode()
        assert str(report.reported_user) in page.context["first"][0]
        for reason in ("", "  ", "\u200b"):
            page = moderator.post(address_of(report, action), {"reason": reason, "warning": "x"})
            assert "reason" in page.context["form"].errors
    page = moderator.post(address_of(report, "warn"), {"reason": "x", "warning": " "})
    assert "warning" in page.context["form"].errors
    report.refresh_from_db()
    assert report.is_open and not Notice.objects.exists()


@pytest.mark.parametrize("kind", ACTION_OF_KIND)
def test_page_offers_the_actions_of_its_kind(moderator: Client, shared: Shared, kind: str) -> None:
    own = {"gig": "Suspend gig", "message": "Remove message", "comment": "Remove comment"}
    report = reported(shared.learner, kind, ids_of_things(shared)[kind])
    offered = set(labels(moderator, report))
    assert offered >= {"Dismiss", "Warn"}
    assert offered & set(own.values()) == ({own[kind]} if kind in own else set())
    for other, action in ACTION_OF_KIND.items():
        if other not in (kind, "user"):
            assert "This is a report of a" in page_messages(handle(moderator, report, action))
    report.refresh_from_db()
    assert report.is_open


def test_handled_report_cannot_be_handled_again(moderator: Client, shared: Shared) -> None:
    report = reported(shared.learner, "user", ids_of_things(shared)["user"])
    handle(moderator, report, "dismiss")
    page = handle(moderator, report, "warn", warning="x")
    assert page_messages(page) == "Another member of staff has handled this report already."
    assert labels(moderator, report) == []
    assert notices_of(shared.teacher) == []


@pytest.mark.parametrize("kind", ["gig", "message", "comment"])
def test_report_of_a_deleted_thing_can_still_be_handled(moderator: Client, shared: Shared, kind: str) -> None:
    ids = ids_of_things(shared)
    report = reported(shared.learner, kind, ids[kind])
    remove(shared, kind, ids[kind])
    assert set(labels(moderator, report)) >= {"Dismiss", "Warn"}
    assert "deleted already" in page_messages(handle(moderator, report, ACTION_OF_KIND[kind]))
    assert f"secret {kind}" in read(moderator, report)
    handle(moderator, report, "warn", warning="Please be kind.")
    report.refresh_from_db()
    assert report.action == "warn" and report.copied_text
    assert len(notices_of(shared.teacher)) == 1


def remove(shared: Shared, kind: str, pk: Any) -> None:
    """Deletes a thing of the teacher."""
    client, chat = shared.teacher.client, Message.objects.get().chat_id
    paths = {
        "gig": f"{GIGS}{pk}/",
        "message": f"{CHATS}{chat}/messages/1/",
        "comment": f"{shared.path}comments/{pk}/",
    }
    assert client.delete(paths[kind]).status_code == 204


@pytest.mark.parametrize("kind", ACTION_OF_KIND)
def test_report_about_a_deleted_person_keeps_its_copy_until_it_is_handled(
    moderator: Client, shared: Shared, kind: str
) -> None:
    User.objects.filter(pk=shared.teacher.user.pk).update(bio="secret user")
    report = reported(shared.learner, kind, ids_of_things(shared)[kind], text="my words")
    delete(shared.teacher)
    assert f"secret {kind}" in read(moderator, report)
    assert "Warn" not in labels(moderator, report)
    assert page_messages(handle(moderator, report, "dismiss")) == "Dismissed (1 report closed)"
    report.refresh_from_db()
    assert (report.reported_user, report.reported_id, report.copied_text) == (None, "", "")
    assert (report.handling_reason, report.text) == ("", "my words")
    assert "secret" not in read(moderator, report)


def test_deleted_reporter_gets_no_notice(moderator: Client, shared: Shared) -> None:
    report = reported(shared.learner, "user", ids_of_things(shared)["user"])
    delete(shared.learner)
    handle(moderator, report, "dismiss")
    assert not Notice.objects.exists()
    report.refresh_from_db()
    assert not report.is_open


def test_copy_is_removed_by_a_job_thirty_days_after_the_handling(moderator: Client, shared: Shared) -> None:
    report = reported(shared.learner, "message", ids_of_things(shared)["message"])
    handle(moderator, report, "dismiss")
    assert set(DBTaskResult.objects.values_list("task_path", flat=True)) >= {
        "accounts.services.reports.forget_copies"
    }
    for days, kept in ((29, "secret message"), (2, "")):
        pass_time(timedelta(days=days))
        Report.objects.update(handled_at=timezone.now() - timedelta(days=30 if not kept else 29))
        assert run_jobs() == []
        report.refresh_from_db()
        assert report.copied_text == kept


def test_log_of_the_report_has_no_text(moderator: Client, shared: Shared) -> None:
    report = reported(shared.learner, "message", ids_of_things(shared)["message"])
    handle(moderator, report, "remove-message", reason="secret reason")
    [entry] = LogEntry.objects.all()
    assert (entry.object_repr, entry.change_message) == (f"Report {report.pk}", "Message removed")
