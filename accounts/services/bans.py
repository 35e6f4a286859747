"""Bans of users: staff set and lift them."""

from datetime import datetime

from django.db import transaction

from accounts.integrations import supabase_auth
from accounts.models import User
from accounts.models.auth_sessions import delete_sessions
from accounts.services import auth_sessions, voice_calls


def ban_user(*, user: User, at: datetime) -> None:
    """Withdraws all access at once: first in our table, then from the Supabase account.

    Raises AccountDeleted. Raises SupabaseUnavailable if Supabase could not ban the account: the user
    has lost access to our API nevertheless, and a repetition completes the ban.
    """
    with transaction.atomic():
        User.objects.locked_present(user.pk).ban()
        voice_calls.end_running_calls_of(user, at)
        auth_sessions.revoke_tokens(user_id=user.pk, session_id=None, scope="global", at=at)
    try:
        supabase_auth.ban_account(user_id=user.pk)
    finally:
        # After the ban, so that a session begun during the request is deleted too.
        delete_sessions(user.pk)


def unban_user(*, user: User) -> None:
    """Lifts a ban. The ban deleted the user's sessions, so the user has to sign in again.

    If the database role may not delete Supabase's sessions, only their access tokens stay revoked,
    and an old refresh token is valid again.

    Raises SupabaseUnavailable and changes nothing then. Raises AccountDeleted.
    """
    supabase_auth.unban_account(user_id=user.pk)
    with transaction.atomic():
        User.objects.locked_present(user.pk).unban()
