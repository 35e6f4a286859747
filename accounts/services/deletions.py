"""Deletion of accounts: rows in the request; the Supabase account and files by a job.

All rows of an ordinary account are deleted in one transaction. The transaction of a large account ends all
access and anonymises it; then its rows are deleted in parts (``deletion_parts.py``), and the rest at last.
If the request is killed in between, the job deletes what is left.

The job has two runs from the start. The first begins at once. The second begins after DELETION_GRACE,
when a picture upload from before the deletion has ended, and repeats everything. From then on each run
queues the next one before it calls Supabase, so neither an outage nor a killed worker ends the job.
A run after the completion does nothing.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from accounts.errors import InvalidInput, NotAllowed
from accounts.integrations import supabase_auth
from accounts.integrations.access_tokens import Claims
from accounts.models import Chat, Gig, Message, Participant, User, VoiceSession, database_waits
from accounts.models.deleted_users import DELETION_GRACE
from accounts.services import (
    admin_log,
    auth_sessions,
    deletion_parts,
    learning_deletion,
    private_text,
    profile_pictures,
    reports,
    teachers,
    voice_calls,
)

MAX_SIGN_IN_AGE = timedelta(minutes=15)
MAX_RETRY_DELAY = timedelta(hours=1)
STATEMENT_SECONDS = 50  # for each statement and COMMIT of a deletion; nginx waits 60 s

logger = logging.getLogger(__name__)


def delete_user(*, user: User, claims: Claims, confirm: str, at: datetime) -> None:
    """Anonymises the user, deletes the user's rows, and queues the deletion of the account and files.

    ``confirm`` must be the user's address or id: an account may have no address. Supabase is not
    called. Raises NotAllowed if the last sign-in is older than MAX_SIGN_IN_AGE, InvalidInput if
    ``confirm`` is another text, AccountDeleted.
    """
    signed_in_at = auth_sessions.signed_in_at(claims)
    if signed_in_at is None or at - signed_in_at > MAX_SIGN_IN_AGE:
        raise NotAllowed(
            "Sign in again before deleting your account.",
            code="reauthentication_required",
        )
    if confirm.strip().lower() not in {str(user.pk), user.email.lower()} - {""}:
        message = "Write your own e-mail address or user id to confirm."
        raise InvalidInput(message, errors={"confirm": [message]})
    _delete_at_once(user, at)


def repeat_deletion(*, user_id: UUID, at: datetime) -> bool:
    """Deletes a user whom a restored backup contains again. Returns False if there is no such user."""
    user = User.objects.filter(pk=user_id, deleted_at=None).first()
    if user is not None:
        _delete_at_once(user, at)
    return user is not None


@database_waits.unhurried(STATEMENT_SECONDS)
def _delete_at_once(user: User, at: datetime) -> None:
    """Everything of a deletion that is in our database. Raises AccountDeleted."""
    row, is_large = _begin(user, at)
    if is_large:
        _delete_rest(row, at)


@transaction.atomic
def _begin(user: User, at: datetime) -> tuple[User, bool]:
    """Anonymises the user, ends all access, and queues the job.

    Deletes all rows too, unless the account is large. Returns the user, and whether the account is large.
    Raises AccountDeleted.
    """
    row: User = User.objects.locked_present(user.pk)
    is_large = deletion_parts.is_large(row)
    _delete_teaching(row)  # first: a database trigger copies the new name into each gig
    row.anonymise(at=at)
    if is_large:
        voice_calls.end_calls_of(row)
    else:
        _delete_rows(row, at)
    auth_sessions.revoke_tokens(user_id=row.pk, session_id=None, scope="global", at=at)
    for run_after in (at, at + DELETION_GRACE):
        _queue_run(row, run_after)
    return row, is_large


def _delete_teaching(user: User) -> None:
    """Deletes teaching profile and gigs, and empties the admin's log about the user and these. Idempotent."""
    # A member of staff may be changing a gig: the log of that has to be stored before it is emptied.
    Gig.objects.for_user(user).lock_in_order()
    admin_log.empty_entries(user=user)
    teachers.delete_teacher(user=user)


def _delete_rows(user: User, at: datetime) -> None:
    """Deletes the other rows of an anonymised user, and empties the log of readings. Idempotent.

    Messages lose their content, and their rows remain; no peer counts them as unread. Database triggers
    broadcast each of these changes (``private.announce_message``), and one to each peer, with the new count
    (``private.announce_chats_of_messages``).
    """
    private_text.empty_reasons(user=user)
    reports.forget_user(user)
    learning_deletion.delete_all_conversations(user)
    voice_calls.end_calls_of(user)
    VoiceSession.objects.for_user(user).delete()
    Chat.objects.lock_all_of(user)
    Participant.objects.peers_of(user).clear_unread_counts()
    Message.objects.by_sender(user).soft_delete(at=at)
    learning_deletion.delete_learning(user)
    user.groups.clear()
    user.user_permissions.clear()


@task()
def finish_deletion(user_id: str) -> None:
    """One run of the job of an anonymised user. Logs a failure; the next run is queued.

    The queue keeps the path of this function, so a renamed function needs an alias.
    """
    now = timezone.now()
    user = User.objects.awaiting_deletion(before=now).filter(pk=user_id).first()
    if user is None:
        return
    age = now - (user.deleted_at or now)
    if age >= DELETION_GRACE:
        _queue_run(user, now + min(age, MAX_RETRY_DELAY))
    _try_to_finish(user, now)


def _queue_run(user: User, run_after: datetime) -> None:
    finish_deletion.using(run_after=run_after).enqueue(str(user.pk))


@database_waits.unhurried(STATEMENT_SECONDS)
def complete_deletion(*, user: User, at: datetime) -> None:
    """Deletes the account and the files of an anonymised user. Idempotent.

    Rows, account and files do not wait for each other: an outage of one delays no other. The deletion is
    complete if it began DELETION_GRACE ago. A killed request has left rows, or a previous version, which
    deleted them in this step. Raises InvalidInput or TooManyRequests (refused by Supabase),
    SupabaseUnavailable or StorageUnavailable.
    """
    try:
        _delete_rest(user, at)
    finally:
        try:
            supabase_auth.delete_account(user_id=user.pk)
        finally:
            profile_pictures.remove_all_pictures(user=user)
    begun = User.objects.awaiting_deletion(before=at - DELETION_GRACE)
    begun.filter(pk=user.pk).update(deletion_finished_at=at)


def _delete_rest(user: User, at: datetime) -> None:
    """Deletes all rows that are left of an anonymised user. Idempotent."""
    if deletion_parts.is_large(user):
        deletion_parts.delete_parts(user, at)
    with transaction.atomic():
        User.objects.locked(pk=user.pk, no_key=True)  # lock order: a user before their chats
        _delete_teaching(user)
        _delete_rows(user, at)


def finish_deletions(
    *, before: datetime, at: datetime, each: Callable[[list[User]], Iterable[User]] = iter
) -> tuple[int, int]:
    """Completes the deletions that began before ``before``.

    Returns how many were completed and how many failed. A failure is logged and does not stop the
    others. ``each`` iterates over the users, and may show the progress.
    """
    waiting = list(User.objects.awaiting_deletion(before=before))
    finished = sum(_try_to_finish(user, at) for user in each(waiting))
    return finished, len(waiting) - finished


def _try_to_finish(user: User, at: datetime) -> bool:
    """Returns whether account and files are deleted. Logs a failure."""
    try:
        complete_deletion(user=user, at=at)
    except Exception:
        # Any exception: the user is already anonymised and has no access.
        logger.exception("A deletion is incomplete. Its next run, or finish_deletions, repeats it.")
        return False
    return True
