"""Accounts in Supabase Auth: registration, login, refresh and password reset.

Besides the errors named below, each function raises those of ``integrations/supabase_auth.py``:
InvalidInput (with Supabase's own code), InvalidToken (the session has ended), TooManyRequests,
SupabaseRejected or SupabaseUnavailable.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
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
from accounts.services import auth_sessions, users

MAX_RECOVERY_AGE = timedelta(hours=1)
# The values of the claim ``amr`` for a sign-in with a mailed code or link.
RECOVERY_METHODS = ("recovery", "otp", "magiclink")
METADATA = ("name", "role", "native_language", "learning_languages", "timezone")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class UserSession(Session):
    """A session with its user."""

    user: User


def register(*, fields: Mapping[str, Any], client_ip: str | None) -> UserSession | None:
    """Creates an account with the profile in its metadata, and the user from its first token.

    Returns None if the address has to be confirmed first. In this mode Supabase responds the same to
    an address that is already registered.
    """
    metadata = {name: fields[name] for name in METADATA if name in fields}
    session = supabase_auth.sign_up(
        email=fields["email"],
        password=fields["password"],
        metadata=metadata,
        client_ip=client_ip,
    )
    return _with_user(session) if session else None


def login(*, email: str, password: str, client_ip: str | None) -> UserSession:
    """Starts a session. Raises InvalidInput for a wrong password and for a deleted or banned user."""
    return _with_user(supabase_auth.sign_in(email=email, password=password, client_ip=client_ip))


def refresh(*, refresh_token: str, client_ip: str | None) -> UserSession:
    """Rotates the refresh token of a session. Raises InvalidInput if it is not valid."""
    return _with_user(supabase_auth.refresh(refresh_token=refresh_token, client_ip=client_ip))


def _with_user(session: Session) -> UserSession:
    """Adds the user to a session that Supabase has just issued.

    Raises InvalidInput, as for a wrong password, if the user is deleted or banned.
    """
    claims = _claims_of(session)
    try:
        user = users.authenticate(claims)
    except InvalidToken:
        raise InvalidInput("Invalid login credentials", code="invalid_credentials") from None
    return UserSession(**asdict(session), user=user)


def _claims_of(session: Session) -> Claims:
    """The claims of a token that Supabase has just issued.

    Never raises InvalidToken, because the password was right. Raises InvalidInput if the account's
    metadata make the token too large, and SupabaseUnavailable if our settings do not match the project.
    """
    try:
        return access_tokens.verify(session.access_token)
    except TokenTooLarge as error:
        raise InvalidInput(error.detail, code="token_too_large") from None
    except InvalidToken as error:
        logger.error("A token that Supabase has just issued is refused: %r", error.__cause__ or error)
        raise SupabaseUnavailable from None


def reset_password(*, fields: Mapping[str, Any], client_ip: str | None, at: datetime) -> None:
    """Sets a new password and ends the other sessions of the account.

    ``fields`` has ``new_password`` and one proof: ``access_token``, ``token_hash``, or ``email``
    with ``otp``. Raises InvalidToken or TokenExpired for the access token, and NotAllowed if its session
    did not begin with a mailed code within MAX_RECOVERY_AGE.
    """
    new_password = fields["new_password"]
    if "access_token" in fields:
        _reset_in_session(fields["access_token"], new_password, client_ip, at)
    elif "token_hash" in fields:
        _reset_by_code({"token_hash": fields["token_hash"]}, new_password, client_ip, at)
    else:
        _reset_by_code({"email": fields["email"], "token": fields["otp"]}, new_password, client_ip, at)


def _reset_by_code(code: dict[str, str], new_password: str, client_ip: str | None, at: datetime) -> None:
    """Redeems a mailed code for a session, sets the password in it, and ends it.

    The session ends also if the password is refused, because its tokens are not sent to the client.
    """
    access_token = supabase_auth.redeem_recovery(code=code, client_ip=client_ip).access_token
    scope: Scope = "local"
    try:
        with _refusals_of_new_password(hint=" The code is used up: request a new mail."):
            user_id = supabase_auth.set_password(
                new_password=new_password, access_token=access_token, client_ip=client_ip
            )
        scope = "global"
    finally:
        _try_to_sign_out(access_token, scope)
    auth_sessions.revoke_tokens(user_id=user_id, session_id=None, scope="global", at=at)


def _try_to_sign_out(access_token: str, scope: Scope) -> None:
    """Ends sessions. Logs a failure, because the password is already set or refused."""
    try:
        supabase_auth.sign_out(access_token=access_token, scope=scope)
    except LinguaFlexError:
        logger.exception("A recovery session could not be ended.")


def _reset_in_session(access_token: str, new_password: str, client_ip: str | None, at: datetime) -> None:
    claims = access_tokens.verify(access_token)
    users.authenticate(claims)
    redeemed_at = claims.signed_in_at(*RECOVERY_METHODS)
    if redeemed_at is None or at - redeemed_at > MAX_RECOVERY_AGE:
        raise NotAllowed(
            "This session did not begin with a recovery mail of the last hour. Request a new mail.",
            code="recovery_required",
        )
    with _refusals_of_new_password():
        supabase_auth.set_password(new_password=new_password, access_token=access_token, client_ip=client_ip)
    auth_sessions.revoke_tokens(user_id=claims.sub, session_id=claims.session_id, scope="others", at=at)


@contextmanager
def _refusals_of_new_password(hint: str = "") -> Iterator[None]:
    """Renames Supabase's field ``password`` to ours in a refusal, and appends ``hint`` to its sentence."""
    try:
        yield
    except InvalidInput as error:
        errors = {"new_password": error.errors["password"]} if "password" in error.errors else error.errors
        raise InvalidInput(f"{error.detail}{hint}", code=error.code, errors=errors) from None
