"""Two members of staff who handle the same report, and deletions meanwhile."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import LinguaFlexError
from accounts.integrations import access_tokens
from accounts.models import Notice, Report, User
from accounts.services import chats, deletions, report_handling, reports
from accounts.services.report_handling import Decision
from tests.fixtures.people import CHATS, Person
from tests.fixtures.reports import ids_of_things, reported
from tests.fixtures.shared import Shared
from tests.fixtures.threads import at_once, codes_of, result_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]


def decided(staff: Person, action: str, **more: Any) -> Decision:
    return Decision(action=Report.Action(action), by=staff.user, reason="Because.", **more)


def handle(report: Report, decision: Decision) -> str:
    """The code of the error, if any."""
    try:
        report_handling.handle_report(pk=report.pk, decision=decision, at=timezone.now())
    except LinguaFlexError as error:
        return error.code
    return ""


def delete(person: Person) -> None:
    claims = access_tokens.verify(person.token)
    deletions.delete_user(user=person.user, claims=claims, confirm=person.user.email, at=timezone.now())


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("user", "warn"),
        ("gig", "suspend_gig"),
        ("message", "remove_message"),
        ("comment", "remove_comment"),
    ],
)
def test_one_of_several_handlers_wins_and_the_others_learn_it(
    shared: Shared, staff: Person, stranger: Person, kind: str, action: str
) -> None:
    report = reported(shared.learner, kind, ids_of_things(shared)[kind])
    decisions = [decided(staff, name, warning="x") for name in (action, "dismiss") * 2]
    codes = at_once(4, lambda number: handle(report, decisions[number]))
    assert sorted(codes) == ["", *["report_handled"] * 3]
    winner = decisions[codes.index("")].action
    report.refresh_from_db()
    assert report.action == winner
    notices = Notice.objects.order_by("kind").values_list("kind", flat=True)
    assert list(notices) == (["report", "warning"] if winner == "warn" else ["report"])


def test_handlers_of_two_reports_of_one_thing_close_both_once(
    shared: Shared, staff: Person, stranger: Person
) -> None:
    pk = ids_of_things(shared)["gig"]
    pair = [reported(person, "gig", pk) for person in (shared.learner, stranger)]
    codes = at_once(2, lambda number: handle(pair[number], decided(staff, "suspend_gig")))
    assert sorted(codes) == ["", "report_handled"]
    assert Report.objects.open().count() == 0 and Notice.objects.count() == 2


def test_handler_that_waits_for_another_one_sees_that_it_is_handled(shared: Shared, staff: Person) -> None:
    report = reported(shared.learner, "gig", ids_of_things(shared)["gig"])
    codes = codes_of(
        lambda: report_handling.handle_report(
            pk=report.pk, decision=decided(staff, "suspend_gig"), at=timezone.now()
        ),
        during=lambda: handle(report, decided(staff, "dismiss")),
    )
    assert codes == ["report_handled"]
    assert shared.teacher.client.get("/accounts/gigs/mine/").json()[0]["status"] == "active"


def test_report_that_names_nobody_is_handled_once(staff: Person) -> None:
    report = Report.objects.create(kind="comment", reported_id="1", reason="spam")
    codes = codes_of(
        lambda: report_handling.handle_report(
            pk=report.pk, decision=decided(staff, "dismiss"), at=timezone.now()
        ),
        during=lambda: handle(report, decided(staff, "dismiss")),
    )
    assert codes == ["report_handled"]


def test_failed_action_changes_nothing(
    shared: Shared, staff: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = reported(shared.learner, "message", ids_of_things(shared)["message"])
    monkeypatch.setattr("accounts.services.notices.announce_handling", lambda reports: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        handle(report, decided(staff, "remove_message"))
    report.refresh_from_db()
    assert report.is_open
    [shown] = shared.learner.client.get(
        f"{CHATS}{shared.learner.open_chat(shared.teacher)['id']}/messages/"
    ).json()
    assert shown["content"] == "secret message"


def test_warning_that_waits_for_the_deletion_of_the_person_is_refused(shared: Shared, staff: Person) -> None:
    report = reported(shared.learner, "user", ids_of_things(shared)["user"])
    code = result_of(
        lambda: handle(report, decided(staff, "warn", warning="x")), during=lambda: delete(shared.teacher)
    )
    assert code == "already_deleted"
    assert not Notice.objects.exists()
    assert handle(report, decided(staff, "dismiss")) == ""


def test_deletion_of_the_person_waits_for_the_handling_and_removes_what_it_left(
    shared: Shared, staff: Person
) -> None:
    report = reported(shared.learner, "message", ids_of_things(shared)["message"])
    result_of(
        lambda: delete(shared.teacher), during=lambda: handle(report, decided(staff, "warn", warning="x"))
    )
    report.refresh_from_db()
    assert (report.reported_user, report.copied_text, report.action) == (None, "", "warn")
    assert not Notice.objects.for_user(User.objects.get(pk=shared.teacher.user.pk)).exists()


def test_handler_that_waits_for_the_deletion_of_a_reporter_sends_no_notice(
    shared: Shared, staff: Person
) -> None:
    report = reported(shared.learner, "user", ids_of_things(shared)["user"])
    code = result_of(lambda: handle(report, decided(staff, "dismiss")), during=lambda: delete(shared.learner))
    assert code == "" and not Notice.objects.exists()


def test_report_that_is_filed_during_the_handling_stays_open(
    shared: Shared, staff: Person, stranger: Person
) -> None:
    pk = ids_of_things(shared)["gig"]
    report = reported(shared.learner, "gig", pk)
    fields = {"kind": "gig", "reported_id": str(pk), "reason": "spam", "text": ""}
    code = result_of(
        lambda: handle(report, decided(staff, "dismiss")),
        during=lambda: User.objects.lock_present(shared.teacher.user.pk),
        then=lambda: reports.file_report(user=stranger.user, at=timezone.now(), **fields),
    )
    assert code == ""
    assert Report.objects.open().get().reporter == stranger.user


def test_removal_waits_for_a_message_of_the_chat(shared: Shared, staff: Person) -> None:
    pk = ids_of_things(shared)["message"]
    report, chat = reported(shared.learner, "message", pk), shared.learner.open_chat(shared.teacher)
    code = result_of(
        lambda: handle(report, decided(staff, "remove_message")),
        during=lambda: chats.send_message(user=shared.learner.user, chat_id=chat["id"], content="x"),
    )
    assert code == ""
    found = shared.learner.client.get(f"{CHATS}{chat['id']}/messages/").json()
    assert [message["content"] for message in found] == ["", "x"]
