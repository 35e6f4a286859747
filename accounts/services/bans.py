"""Bans of users: staff set and lift them.

Our own access ends and returns in the transaction of the change. The Supabase account follows by a job: no
request of staff depends on Supabase. A run of the job reads the row and makes the account agree with it, so
runs may be late, repeated, or in any order.
"""

import logging
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from accounts.errors import InvalidInput, NotAllowed
from accounts.integrations import supabase_auth
from accounts.models import User
from accounts.models.auth_sessions import delete_sessions
from accounts.models.bans import FOREVER
from accounts.services import admin_log, auth_sessions, notices, queueing, voice_calls

logger = logging.getLogger(__name__)


def ban_user(*, user: User, by: User, reason: str, at: datetime, until: datetime = FOREVER) -> None:
    """Withdraws all access until ``until``. A second ban replaces the end.

    A notice, without reason and end, reaches those who are connected to Realtime.

    ``reason`` is for staff: it is in the admin's log, which loses it with the account. Raises InvalidInput
    for an end as in ``problem_of_end``, NotAllowed as ``check_rank``, AccountDeleted.
    """
    if problem := problem_of_end(until, at=at):
        raise InvalidInput(problem, errors={"until": [problem]})
    with transaction.atomic():
        row: User = User.objects.locked_present(user.pk)
        check_rank(user=row, by=by)
        row.ban(until=until)
        voice_calls.end_running_calls_of(row, at)
        auth_sessions.revoke_tokens(user_id=row.pk, session_id=None, scope="global", at=at)
        notices.send_ban(user=row)
        admin_log.record_change(row=row, by=by, note=f"Banned {described(until)}: {reason}")
        _queue_alignment(row, at)
    delete_sessions(user.pk)


def unban_user(*, user: User, by: User, at: datetime) -> None:
    """Lifts a ban. The ban ended the user's sessions, so the user has to sign in again.

    If the database role may not delete Supabase's sessions, only their access tokens stay revoked,
    and an old refresh token is valid again. Raises NotAllowed as ``check_rank``, AccountDeleted.
    """
    with transaction.atomic():
        row: User = User.objects.locked_present(user.pk)
        check_rank(user=row, by=by)
        row.unban()
        admin_log.record_change(row=row, by=by, note="Ban lifted")
        _queue_alignment(row, at)


def problem_of_end(until: datetime, *, at: datetime) -> str:
    """What is wrong with the end of a ban, as a sentence; empty if nothing is."""
    if until <= at:
        return "The end of a ban is in the future."
    if until > FOREVER:  # such as 9999-12-31T23:59-12:00: PostgreSQL stores it, but Python cannot read it
        return "This end is too far in the future."
    return ""


def check_rank(*, user: User, by: User) -> None:
    """Raises NotAllowed for a ban of oneself, or of a superuser by another member of staff."""
    if user.pk == by.pk:
        raise NotAllowed("Nobody bans themselves.")
    if user.is_superuser and not by.is_superuser:
        raise NotAllowed("Only superusers ban a superuser.")


def described(until: datetime) -> str:
    """The end of a ban in words, such as ``until 2026-12-24 18:00 UTC``."""
    return "for ever" if until == FOREVER else f"until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@task()
def align_account(user_id: str, attempt: int) -> None:
    """Makes the Supabase account agree with the user's ban. After a failure, queues the next attempt.

    The queue keeps the path of this function, so a renamed function needs an alias.
    """
    user = User.objects.present().filter(pk=user_id).first()
    if user is None:
        return
    try:
        _align(user)
    except Exception:
        # Any exception: the job must not end before Supabase agrees.
        logger.warning("A ban is not yet as in Supabase. The next attempt is queued.", exc_info=True)
        delay = queueing.retry_delay(attempt + 1)
        align_account.using(run_after=timezone.now() + delay).enqueue(user_id, attempt + 1)


def _queue_alignment(user: User, at: datetime) -> None:
    backup = queueing.FIRST_RETRY_DELAY
    queueing.enqueue_twice(align_account, str(user.pk), 0, at=at, backup=backup)


def _align(user: User) -> None:
    """Bans the Supabase account until the user's ban ends, or lifts its ban.

    Repeats it if the ban was changed meanwhile: a run for the new state may have ended before this one.
    """
    while True:
        sent, now = user.banned_until, timezone.now()
        if sent is not None and sent > now:
            supabase_auth.ban_account(user_id=user.pk, duration=sent - now)
            # After the ban, so that a session begun before it is deleted too.
            delete_sessions(user.pk)
        else:
            supabase_auth.unban_account(user_id=user.pk)
        user.refresh_from_db(fields=["banned_until"])
        if user.banned_until == sent:
            return
