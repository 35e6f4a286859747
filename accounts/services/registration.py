"""Accounts over Supabase Auth: in, out, and back in after a forgotten password."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from accounts.errors import InvalidInput, InvalidToken, NotAllowed, SupabaseUnavailable, TokenTooLarge
from accounts.integrations import access_tokens, supabase_auth
from accounts.integrations.access_tokens import Claims
from accounts.integrations.supabase_auth import Session
from accounts.models import User
from accounts.services import users

FRESH_RECOVERY = timedelta(hours=1)
# How Supabase names in ``amr`` that a mailed code or link was redeemed.
RECOVERY_METHODS = ("recovery", "otp", "magiclink")
logger = logging.getLogger(__name__)
METADATA = ("name", "role", "native_language", "learning_languages", "timezone")


def register(*, fields: Mapping[str, Any], client_ip: str | None) -> tuple[User | None, Session | None]:
    """Makes an account whose metadata carry the profile; the row is made from its first token.

    Both are None while the address waits for confirmation, and for an address already known
    where Supabase hides that it is.
    """
    metadata = {name: fields[name] for name in METADATA if name in fields}
    session = supabase_auth.sign_up(
        email=fields["email"],
        password=fields["password"],
        metadata=metadata,
        client_ip=client_ip,
    )
    return (person_of(session), session) if session else (None, None)


def login(*, email: str, password: str, client_ip: str | None) -> tuple[User, Session]:
    """The session and the person of an address and its password."""
    session = supabase_auth.sign_in(email=email, password=password, client_ip=client_ip)
    return person_of(session), session


def refresh(*, refresh_token: str, client_ip: str | None) -> tuple[User, Session]:
    """The next session of a refresh token."""
    session = supabase_auth.refresh(refresh_token=refresh_token, client_ip=client_ip)
    return person_of(session), session


def person_of(session: Session) -> User:
    """The person of a session just given out; one whose account has ended is refused like a
    wrong password."""
    claims = _claims_of(session)
    try:
        return users.user_of(claims)
    except InvalidToken:
        raise InvalidInput("Invalid login credentials", code="invalid_credentials") from None


def _claims_of(session: Session) -> Claims:
    """What a token says that Supabase has just issued: if it is not good here, the caller is not
    to blame, but the settings, or what the account carries."""
    try:
        return access_tokens.verify(session.access_token)
    except TokenTooLarge as error:
        raise InvalidInput(error.detail, code="token_too_large") from None
    except InvalidToken as error:
        logger.error("A token that Supabase has just issued is refused: %r", error.__cause__ or error)
        raise SupabaseUnavailable from None


def reset_password(*, fields: Mapping[str, Any], at: datetime) -> None:
    """Sets a new password on one proof and ends the other sessions.

    Raises NotAllowed when an access token shows no mailed code redeemed within the hour.
    """
    if "access_token" in fields:
        _reset_in_session(fields["access_token"], new_password=fields["new_password"], at=at)
    elif "token_hash" in fields:
        _reset_by_code({"token_hash": fields["token_hash"]}, new_password=fields["new_password"], at=at)
    else:
        code = {"email": fields["email"], "token": fields["otp"]}
        _reset_by_code(code, new_password=fields["new_password"], at=at)


def _reset_by_code(code: dict[str, str], *, new_password: str, at: datetime) -> None:
    user_id = supabase_auth.reset_password_by_code(new_password=new_password, code=code)
    users.revoke(user_id=user_id, session_id=None, scope="global", at=at)


def _reset_in_session(access_token: str, *, new_password: str, at: datetime) -> None:
    claims = access_tokens.verify(access_token)
    users.user_of(claims)
    redeemed_at = claims.signed_in_at(*RECOVERY_METHODS)
    if redeemed_at is None or at - redeemed_at > FRESH_RECOVERY:
        raise NotAllowed(
            "This session did not come from a recovery mail of the last hour. Ask for a new one.",
            code="recovery_required",
        )
    supabase_auth.reset_password_in_session(new_password=new_password, access_token=access_token)
    users.revoke(user_id=claims.sub, session_id=claims.session_id, scope="others", at=at)


def as_answer(user: User, session: Session) -> dict[str, Any]:
    """A session beside its person."""
    return {**asdict(session), "user": user}
