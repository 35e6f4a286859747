"""Accounts over Supabase Auth: in, out, and back in after a forgotten password."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from accounts.errors import (
    InvalidInput,
    InvalidToken,
    LinguaFlexError,
    NotAllowed,
    SupabaseUnavailable,
    TokenTooLarge,
)
from accounts.integrations import access_tokens, supabase_auth
from accounts.integrations.access_tokens import Claims
from accounts.integrations.supabase_auth import Scope, Session
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
    """The person of a session just given out.

    Raises InvalidInput, as for a wrong password, when the account has ended.
    """
    claims = _claims_of(session)
    try:
        return users.user_of(claims)
    except InvalidToken:
        raise InvalidInput("Invalid login credentials", code="invalid_credentials") from None


def _claims_of(session: Session) -> Claims:
    """What a token says that Supabase has just issued.

    When it is not good here, the settings are to blame, or what the account carries, and not a
    wrong password: raises SupabaseUnavailable or InvalidInput.
    """
    try:
        return access_tokens.verify(session.access_token)
    except TokenTooLarge as error:
        raise InvalidInput(error.detail, code="token_too_large") from None
    except InvalidToken as error:
        logger.error("A token that Supabase has just issued is refused: %r", error.__cause__ or error)
        raise SupabaseUnavailable from None


def reset_password(*, fields: Mapping[str, Any], client_ip: str | None, at: datetime) -> None:
    """Sets a new password on one proof and ends the other sessions.

    Raises NotAllowed when an access token shows no mailed code redeemed within the hour.
    """
    new_password = fields["new_password"]
    if "access_token" in fields:
        _reset_in_session(fields["access_token"], new_password, client_ip, at)
    elif "token_hash" in fields:
        _reset_by_code({"token_hash": fields["token_hash"]}, new_password, client_ip, at)
    else:
        _reset_by_code({"email": fields["email"], "token": fields["otp"]}, new_password, client_ip, at)


def _reset_by_code(code: dict[str, str], new_password: str, client_ip: str | None, at: datetime) -> None:
    """Leaves no session, whatever becomes of the password: its tokens were given to nobody."""
    access_token = supabase_auth.redeem_recovery(code=code, client_ip=client_ip).access_token
    scope: Scope = "local"
    try:
        with _refusals_of_new_password(hint=" The code is used up: ask for a new mail."):
            user_id = supabase_auth.set_password(
                new_password=new_password, access_token=access_token, client_ip=client_ip
            )
        scope = "global"
    finally:
        _end_quietly(access_token, scope)
    users.revoke(user_id=user_id, session_id=None, scope="global", at=at)


def _end_quietly(access_token: str, scope: Scope) -> None:
    """Ends sessions; a failure changes nothing of what became of the password."""
    try:
        supabase_auth.sign_out(access_token=access_token, scope=scope)
    except LinguaFlexError:
        logger.exception("A recovery session could not be ended.")


def _reset_in_session(access_token: str, new_password: str, client_ip: str | None, at: datetime) -> None:
    claims = access_tokens.verify(access_token)
    users.user_of(claims)
    redeemed_at = claims.signed_in_at(*RECOVERY_METHODS)
    if redeemed_at is None or at - redeemed_at > FRESH_RECOVERY:
        raise NotAllowed(
            "This session did not come from a recovery mail of the last hour. Ask for a new one.",
            code="recovery_required",
        )
    with _refusals_of_new_password():
        supabase_auth.set_password(new_password=new_password, access_token=access_token, client_ip=client_ip)
    users.revoke(user_id=claims.sub, session_id=claims.session_id, scope="others", at=at)


@contextmanager
def _refusals_of_new_password(hint: str = "") -> Iterator[None]:
    """Names this request's field in Supabase's refusals, and adds ``hint`` to them."""
    try:
        yield
    except InvalidInput as error:
        errors = {"new_password": error.errors["password"]} if "password" in error.errors else error.errors
        raise InvalidInput(f"{error.detail}{hint}", code=error.code, errors=errors) from None


def as_answer(user: User, session: Session) -> dict[str, Any]:
    """A session beside its person."""
    return {**asdict(session), "user": user}
