"""The handling of reports by staff: an action closes all open reports of the same thing.

Lock order: users in the order of their ids, then reports in the order of theirs, then what is reported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.errors import Conflict, NotFound, ReportHandled
from accounts.models import Report, User
from accounts.models.bans import FOREVER
from accounts.models.reports import COPY_KEPT
from accounts.services import admin_log, bans, chats, comments, gigs, notices, queueing, reported_things
from accounts.services.reports import forget_copies

BACKUP = timedelta(days=1)
Action = Report.Action
# The kind of thing that an action suspends or removes.
KINDS = {
    Action.SUSPEND_GIG: Report.Kind.GIG,
    Action.REMOVE_MESSAGE: Report.Kind.MESSAGE,
    Action.REMOVE_COMMENT: Report.Kind.COMMENT,
}


@dataclass(frozen=True)
class Decision:
    """What a member of staff decides. ``reason`` is for staff; the owner of a suspended gig reads it too.

    ``warning`` is the text that a warned user reads, ``until`` the end of a ban.
    """

    action: Report.Action
    by: User
    reason: str
    warning: str = ""
    until: datetime = FOREVER


@transaction.atomic
def handle_report(*, pk: int, decision: Decision, at: datetime) -> int:
    """Acts as decided, closes all open reports of the same thing, and sends notices to their reporters.

    Returns the number of closed reports. A report that is filed meanwhile stays open. Raises NotFound, also
    for a report about ``decision.by``, and the errors of ``refusal_of``.
    """
    reports = _locked_open_reports(pk, decision.by)
    if pk not in reports:
        raise ReportHandled
    report = reports[pk]
    if refusal := refusal_of(report, decision.action):
        raise refusal
    ACTIONS[decision.action](report, decision, at)
    rows = Report.objects.filter(pk__in=reports)
    rows.close(action=decision.action, by=decision.by, reason=decision.reason, at=at)
    admin_log.record_changes(rows=reports.values(), by=decision.by, note=decision.action.label)
    notices.announce_handling(reports.values())
    if not _is_present(report.reported_user):
        rows.forget_reported()
    queueing.enqueue_twice(forget_copies, at=at + COPY_KEPT, backup=BACKUP)
    return len(reports)


def _locked_open_reports(pk: int, by: User) -> dict[int, Report]:
    """The open reports of the same thing by id, locked after all users whom they name. Raises NotFound."""
    found = Report.objects.seen_by(by).without_texts().filter(pk=pk).first()
    if found is None:
        raise NotFound
    waiting = Report.objects.of_same_thing(found).open()
    rows = list(waiting.values_list("pk", "reporter", "reported_user"))
    User.objects.locked_among(*{user for _, *users in rows for user in users if user})
    reports = Report.objects.open().filter(pk__in=[row[0] for row in rows]).without_texts().for_update()
    return {report.pk: report for report in reports.with_people()}


def refusal_of(report: Report, action: Report.Action) -> Conflict | None:
    """Why the action is not possible for the report as it is now; None if it is.

    ReportHandled, or a Conflict: the action is for another kind, or what it needs is deleted.
    """
    if not report.is_open:
        return ReportHandled()
    if action in (Action.WARN, Action.BAN):
        return None if _is_present(report.reported_user) else _deleted("account")
    kind = KINDS.get(action)
    if kind and kind != report.kind:
        return Conflict(f"This is a report of a {report.get_kind_display().lower()}.")
    return _deleted(kind.value) if kind and not reported_things.exists(report) else None


def _is_present(user: User | None) -> bool:
    return user is not None and user.deleted_at is None


def _deleted(name: str) -> Conflict:
    return Conflict(f"This {name} is deleted already. Choose another action.", code="already_deleted")


def _dismiss(report: Report, decision: Decision, at: datetime) -> None:
    """Nothing but the end of the report."""


def _warn(report: Report, decision: Decision, at: datetime) -> None:
    assert report.reported_user  # see refusal_of
    notices.send_warning(user=report.reported_user, text=decision.warning)


def _ban(report: Report, decision: Decision, at: datetime) -> None:
    assert report.reported_user  # see refusal_of
    by, reason, until = decision.by, decision.reason, decision.until
    bans.ban_user(user=report.reported_user, by=by, reason=reason, at=at, until=until)


def _suspend_gig(report: Report, decision: Decision, at: datetime) -> None:
    gig = gigs.suspend_gig(pk=int(report.reported_id), reason=decision.reason, at=at)
    admin_log.record_change(row=gig, by=decision.by, note=f"Suspended: {decision.reason}")


def _remove_message(report: Report, decision: Decision, at: datetime) -> None:
    chats.remove_message(pk=int(report.reported_id), at=at)


def _remove_comment(report: Report, decision: Decision, at: datetime) -> None:
    comments.remove_comment_as_staff(pk=int(report.reported_id))


ACTIONS: dict[Report.Action, Callable[[Report, Decision, datetime], None]] = {
    Action.DISMISS: _dismiss,
    Action.WARN: _warn,
    Action.SUSPEND_GIG: _suspend_gig,
    Action.REMOVE_MESSAGE: _remove_message,
    Action.REMOVE_COMMENT: _remove_comment,
    Action.BAN: _ban,
}
