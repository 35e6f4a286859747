"""Deletion of accounts: the user's row is anonymised at once, everything else follows."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from accounts.errors import InvalidInput, NotAllowed
from accounts.integrations import supabase_auth
from accounts.integrations.access_tokens import Claims
from accounts.models import Message, User, VoiceConversation, VoiceSession
from accounts.services import auth_sessions, profile_pictures, teachers

MAX_SIGN_IN_AGE = timedelta(minutes=15)

logger = logging.getLogger(__name__)


def delete_user(*, user: User, claims: Claims, confirm: str, at: datetime) -> None:
    """Anonymises the user, then deletes the account and all that belongs to it.

    ``confirm`` must be the user's address or id: an account may have no address. Failures after the
    first step are logged, and ``finish_deletions`` completes the rest. Raises NotAllowed if the last
    sign-in is older than MAX_SIGN_IN_AGE, InvalidInput if ``confirm`` is another text, AccountDeleted.
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
    with transaction.atomic():
        User.objects.locked_present(user.pk).anonymise(at=at)
    auth_sessions.revoke_tokens(user_id=user.pk, session_id=None, scope="global", at=at)
    _try_to_finish(user, at)


def finish_deletion(*, user: User, at: datetime) -> None:
    """Deletes the account, the files and the rows of an anonymised user. Idempotent.

    Messages lose their content, and their rows remain. A database trigger broadcasts each of these
    changes (``private.announce_message``). Raises InvalidInput or TooManyRequests (refused by Supabase),
    SupabaseUnavailable or StorageUnavailable.
    """
    supabase_auth.delete_account(user_id=user.pk)
    profile_pictures.remove_all_pictures(user=user)
    with transaction.atomic():
        VoiceConversation.objects.for_user(user).delete()
        VoiceSession.objects.for_user(user).delete()
        teachers.delete_teacher(user=user)
        Message.objects.by_sender(user).soft_delete(at=at)
        user.groups.clear()
        user.user_permissions.clear()
        User.objects.filter(pk=user.pk).update(deletion_finished_at=at)


def finish_deletions(*, before: datetime, at: datetime) -> tuple[int, int]:
    """Completes the deletions that began before ``before``.

    Returns how many were completed and how many failed. A failure is logged and does not stop the
    others.
    """
    waiting = list(User.objects.awaiting_deletion(before=before))
    finished = sum(_try_to_finish(user, at) for user in waiting)
    return finished, len(waiting) - finished


def _try_to_finish(user: User, at: datetime) -> bool:
    """Returns whether the deletion is complete. Logs a failure."""
    try:
        finish_deletion(user=user, at=at)
    except Exception:
        # Any exception: the user is already anonymised and has no access.
        logger.exception("A deletion is incomplete. The command finish_deletions repeats it.")
        return False
    return True
