"""Notices of staff to users. A database trigger announces each (``private.announce_notice``)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import Notice, Report, User

BANNED = "Staff have banned your account."
HANDLED = "Staff have handled your report. Thank you."


def send_warning(*, user: User, text: str) -> None:
    """Sends a warning of staff. The caller holds the lock of the user."""
    Notice.objects.create(user=user, kind=Notice.Kind.WARNING, text=text)


def send_ban(*, user: User) -> None:
    """Says that the user is banned, to those who are connected. The caller holds the lock of the user."""
    Notice.objects.create(user=user, kind=Notice.Kind.BAN, text=BANNED)


def announce_handling(reports: Iterable[Report]) -> None:
    """Notifies each reporter that the report is handled, not how. The caller holds the reporters' locks."""
    Notice.objects.bulk_create(
        Notice(user=report.reporter, kind=Notice.Kind.REPORT, text=HANDLED, report=report)
        for report in reports
        if report.reporter
    )


@transaction.atomic
def mark_read(*, user: User, pk: int, at: datetime) -> Notice:
    """Marks one of the user's notices as read. Raises NotFound."""
    notice: Notice = Notice.objects.for_user(user).locked(pk=pk)
    notice.mark_read(at=at)
    return notice
