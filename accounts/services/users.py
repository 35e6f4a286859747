"""People: their rows from verified claims, their sign-outs, their bans."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.errors import InvalidToken
from accounts.integrations import supabase_auth
from accounts.integrations.access_tokens import Claims
from accounts.integrations.supabase_auth import Scope
from accounts.models import Revocation, User
from accounts.models.auth_sessions import end_sessions
from accounts.models.users import MOST_LEARNING_LANGUAGES
from accounts.services import teachers
from accounts.values import timezones

# The longest life that Supabase allows an access token.
LONGEST_TOKEN_LIFE = timedelta(days=7)

logger = logging.getLogger(__name__)


def user_of(claims: Claims) -> User:
    """The person of verified claims; the first token of an account makes the row.

    Raises InvalidToken when the session or the account has ended.
    """
    user = _find(claims) or _make(claims)
    if not user.session_live or user.deleted_at or not user.is_active:
        raise InvalidToken("This session has ended. Sign in again.")
    if user.email != claims.email:
        follow_email(user=user, email=claims.email, issued_at=claims.issued_at)
    return cast(User, user)


def _find(claims: Claims) -> Any:
    return User.objects.for_claims(
        sub=claims.sub, session_id=claims.session_id, issued_at=claims.issued_at
    ).first()


@transaction.atomic
def _make(claims: Claims) -> Any:
    """Makes the row from the account's metadata; of parallel firsts, the primary key decides."""
    profile = profile_from(claims.metadata)
    wants_to_teach = profile.pop("role", None) == User.Role.TEACHER
    email = {"email": claims.email, "email_as_of": claims.issued_at}
    user, made = User.objects.get_or_create(pk=claims.sub, defaults={**email, **profile})
    if made and wants_to_teach:
        teachers.make_teacher(user=user)
    found = _find(claims)
    if not found.session_live:
        raise InvalidToken("This session has ended. Sign in again.")
    return found


def profile_from(metadata: dict[str, Any]) -> dict[str, Any]:
    """The profile fields in an account's metadata, which its owner wrote: only what is valid."""
    profile: dict[str, Any] = {}
    for name, longest in (("name", 150), ("native_language", 50), ("role", 10)):
        if isinstance(value := metadata.get(name), str):
            profile[name] = value.strip()[:longest]
    if isinstance(languages := metadata.get("learning_languages"), list):
        texts = [text.strip()[:50] for text in languages if isinstance(text, str) and text.strip()]
        profile["learning_languages"] = texts[:MOST_LEARNING_LANGUAGES]
    if timezones.is_known(metadata.get("timezone")):
        profile["timezone"] = metadata["timezone"]
    return profile


def follow_email(*, user: User, email: str, issued_at: datetime) -> None:
    """Takes over the address that a verified token carries, from the newest token alone.

    An older one, still in use on another device, does not write the old address back.
    """
    outdated = User.objects.present().filter(pk=user.pk).with_email_older_than(issued_at)
    try:
        with transaction.atomic():
            followed = outdated.update(email=email, email_as_of=issued_at)
    except IntegrityError:
        # Among staff an address is unique. Whose it is now, a person has to settle.
        outdated.update(email_as_of=issued_at)
        logger.error("The staff member %s keeps an old address: the new one is taken.", user.pk)
        return
    if followed:
        user.email = email


@transaction.atomic
def update_profile(*, user: User, fields: Mapping[str, Any]) -> User:
    """Changes these fields of the person's present row and no others, under its lock.

    Raises InvalidToken when the account has been deleted meanwhile.
    """
    present: User = User.objects.locked_present(user.pk)
    for name, value in fields.items():
        setattr(present, name, value)
    present.save(update_fields=[*fields, "updated_at"])
    return present


def sign_out(*, claims: Claims, access_token: str, scope: Scope, at: datetime) -> None:
    """Ends sessions of the caller at Supabase and, at once, here.

    ``scope``: this session (local), every one (global), or every other (others).
    """
    supabase_auth.sign_out(access_token=access_token, scope=scope)
    revoke(user_id=claims.sub, session_id=claims.session_id, scope=scope, at=at)
    if scope == "global":
        # The caller's own may be of this very second, which "before" leaves to new sign-ins.
        revoke(user_id=claims.sub, session_id=claims.session_id, scope="local", at=at)


def revoke(*, user_id: UUID, session_id: UUID | None, scope: Scope, at: datetime) -> None:
    """Notes ended tokens for databases that may not read Supabase's sessions."""
    over = at + LONGEST_TOKEN_LIFE
    Revocation.objects.expired(at=at).delete()
    Revocation.objects.create(
        user_id=user_id,
        session_id=session_id if scope == "local" else None,
        spared_session_id=session_id if scope == "others" else None,
        # No token of an ended session is ever good again; after a global sign-out newer ones are.
        # Tokens are dated by whole seconds: a sign-in that follows within the second is newer.
        issued_before=over if scope == "local" else at.replace(microsecond=0),
        expires_at=over,
    )


def ban_user(*, user: User, at: datetime) -> None:
    """Shuts a person out at once: the row first, then the account and its sessions.

    Raises SupabaseUnavailable when the account could not be banned yet: the row is shut all the
    same, and doing it again completes it. Raises InvalidToken for a deleted account.
    """
    with transaction.atomic():
        User.objects.locked_present(user.pk).shut_out()
        revoke(user_id=user.pk, session_id=None, scope="global", at=at)
    try:
        supabase_auth.ban_account(user_id=user.pk)
    finally:
        # Last, so that no session begun before the ban is left to outlive it.
        end_sessions(user.pk)


def unban_user(*, user: User) -> None:
    """Lets a person in again, with a new sign-in: what the ban ended stays ended.

    Where this role may not delete Supabase's sessions, only their access tokens stay ended: an old
    refresh token is good again.

    Raises SupabaseUnavailable, changing nothing here; InvalidToken for a deleted account.
    """
    supabase_auth.lift_ban(user_id=user.pk)
    with transaction.atomic():
        User.objects.locked_present(user.pk).let_in()
