"""People who delete their account: a tombstone at once, then all that belongs to it."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from accounts.errors import InvalidInput, NotAllowed
from accounts.integrations import supabase_auth
from accounts.integrations.access_tokens import Claims
from accounts.models import Message, User, VoiceConversation, VoiceSession
from accounts.services import profile_pictures, teachers, users

FRESH_SIGN_IN = timedelta(minutes=15)

logger = logging.getLogger(__name__)


def delete_user(*, user: User, claims: Claims, confirm: str, at: datetime) -> None:
    """Deletes the caller's account: a tombstone first, then all else.

    Raises InvalidInput when ``confirm`` is not the caller's address, NotAllowed without a sign-in
    in the last 15 minutes. What a failure leaves is completed by ``finish_deletions``.
    """
    signed_in_at = claims.signed_in_at()
    if signed_in_at is None or at - signed_in_at > FRESH_SIGN_IN:
        raise NotAllowed(
            "Sign in again before deleting your account.",
            code="reauthentication_required",
        )
    if confirm.strip().lower() != user.email.lower():
        message = "Write your own e-mail address to confirm."
        raise InvalidInput(message, errors={"confirm": [message]})
    with transaction.atomic():
        User.objects.locked_present(user.pk).bury(at=at)
    users.revoke(user_id=user.pk, session_id=None, scope="global", at=at)
    _try_to_finish(user, at)


def finish_deletion(*, user: User, at: datetime) -> None:
    """Removes what belongs to a tombstone; doing it twice does no harm."""
    supabase_auth.delete_account(user_id=user.pk)
    profile_pictures.remove_all(user=user)
    with transaction.atomic():
        VoiceConversation.objects.for_user(user).delete()
        VoiceSession.objects.for_user(user).delete()
        teachers.delete_teacher(user=user)
        Message.objects.by_sender(user).soft_delete(at=at)
        user.groups.clear()
        user.user_permissions.clear()
        User.objects.filter(pk=user.pk).update(deletion_finished_at=at)


def finish_deletions(*, before: datetime, at: datetime) -> tuple[int, int]:
    """Completes the deletions begun before an instant; how many, and how many are still owed.

    One that fails is logged and holds up no other.
    """
    waiting = list(User.objects.awaiting_deletion(before=before))
    finished = sum(_try_to_finish(user, at) for user in waiting)
    return finished, len(waiting) - finished


def _try_to_finish(user: User, at: datetime) -> bool:
    """Whether the deletion is complete now."""
    try:
        finish_deletion(user=user, at=at)
    except Exception:
        # Whatever it is, the tombstone stands: the account is closed to everyone.
        logger.exception("A deletion was begun and is left to finish_deletions.")
        return False
    return True
