"""Requests to Supabase Auth about accounts and sessions.

Raises InvalidInput (with Supabase's own code), InvalidToken (the session has ended), TooManyRequests,
SupabaseRejected (our API key is refused) or SupabaseUnavailable only.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from accounts.errors import InvalidInput, SupabaseUnavailable
from accounts.integrations import supabase_client

Scope = Literal["local", "global", "others"]
# Prefixes of the codes that Supabase returns only for a registered address.
CODES_OF_KNOWN_ADDRESSES = ("over_email_send_rate_limit", "email_address_not_authorized", "hook_")
# 100 years: Supabase has no unlimited ban.
MAX_BAN = timedelta(hours=876_000)
REFRESH_TOKEN_UNKNOWN = "refresh_token_not_found"
# Supabase's codes depend on the form of a token: the form of its own tokens, another one, or no JSON.
CODES_OF_UNKNOWN_REFRESH_TOKENS = {
    REFRESH_TOKEN_UNKNOWN,
    "validation_failed",
    "bad_json",
    supabase_client.NO_CODE,
}
# The codes of a sign-out whose session has already ended.
CODES_WITHOUT_SESSION = (*supabase_client.CODES_OF_ENDED_SESSIONS, "user_banned")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Session:
    """A session. ``expires_in`` is in seconds, ``expires_at`` in Unix seconds."""

    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int
    expires_at: int


@dataclass(frozen=True)
class Account:
    id: UUID
    email: str


def sign_up(
    *, email: str, password: str, metadata: dict[str, Any], client_ip: str | None = None
) -> Session | None:
    """Creates an account. Returns None if the address has to be confirmed first.

    In this mode Supabase responds the same to an address that is already registered.
    """
    with supabase_client.for_one_call(client_ip=client_ip) as client:
        answer = client.auth.sign_up({"email": email, "password": password, "options": {"data": metadata}})
        return _session(answer)


def sign_in(*, email: str, password: str, client_ip: str | None = None) -> Session:
    with supabase_client.for_one_call(client_ip=client_ip) as client:
        answer = client.auth.sign_in_with_password({"email": email, "password": password})
        return _required(_session(answer))


def refresh(*, refresh_token: str, client_ip: str | None = None) -> Session:
    """Rotates the refresh token: returns the new tokens of the session.

    Raises InvalidInput, with the code REFRESH_TOKEN_UNKNOWN for an unknown or malformed token.
    """
    try:
        with supabase_client.for_one_call(client_ip=client_ip) as client:
            return _required(_session(client.auth.refresh_session(refresh_token)))
    except InvalidInput as error:
        if error.code not in CODES_OF_UNKNOWN_REFRESH_TOKENS:
            raise
        raise InvalidInput(
            "This session cannot be refreshed. Sign in again.", code=REFRESH_TOKEN_UNKNOWN
        ) from None


def sign_out(*, access_token: str, scope: Scope) -> None:
    """Ends this session (``local``), all (``global``) or all others (``others``). Idempotent."""
    with supabase_client.for_one_call() as client, _ignoring(*CODES_WITHOUT_SESSION):
        client.auth.admin.sign_out(access_token, scope)


def send_recovery(*, email: str, client_ip: str | None = None) -> None:
    """Mails a recovery code and link. The outcome is the same for an unknown address."""
    with supabase_client.for_one_call(client_ip=client_ip) as client, _hiding_known_addresses():
        client.auth.reset_password_for_email(email)


def resend_verification(*, email: str, client_ip: str | None = None) -> None:
    """Mails the sign-up confirmation again. The outcome is the same for an unknown address."""
    with supabase_client.for_one_call(client_ip=client_ip) as client, _hiding_known_addresses():
        client.auth.resend({"type": "signup", "email": email})


@contextmanager
def _hiding_known_addresses() -> Iterator[None]:
    """Logs and hides the errors that Supabase returns only for a registered address."""
    from supabase_auth.errors import AuthApiError

    try:
        yield
    except AuthApiError as error:
        # 500: the mail could not be sent. An unreachable Supabase is not an AuthApiError.
        if error.status != 500 and not (error.code or "").startswith(CODES_OF_KNOWN_ADDRESSES):
            raise
        logger.error("Supabase sent no mail: %s (status %s)", error.code, error.status)


def redeem_recovery(*, code: dict[str, str], client_ip: str | None = None) -> Session:
    """Redeems a mailed code, ``{token_hash}`` or ``{email, token}``, for a session. A code is valid once."""
    with supabase_client.for_one_call(client_ip=client_ip) as client:
        answer = client.auth.verify_otp({"type": "recovery", **code})
        return _required(_session(answer))


def set_password(*, new_password: str, access_token: str, client_ip: str | None = None) -> UUID:
    """Sets the password of the token's account, and returns the account's id.

    Supabase ends the other sessions of the account.
    """
    with supabase_client.for_one_call(client_ip=client_ip, access_token=access_token) as client:
        return UUID(client.auth.update_user({"password": new_password}).user.id)


def create_account(*, email: str, password: str | None, name: str) -> Account:
    """Creates an account with a confirmed address."""
    attributes: dict[str, Any] = {"email": email, "email_confirm": True}
    attributes |= {"user_metadata": {"name": name}} if name else {}
    attributes |= {"password": password} if password else {}
    with supabase_client.for_one_call(admin=True) as client:
        user = client.auth.admin.create_user(attributes).user
        return Account(id=UUID(user.id), email=user.email or email)


def change_email(*, user_id: UUID, email: str) -> str:
    """Sets and confirms the address of an account, without a mail. Returns it as Supabase stores it.

    Supabase answers the address of another account with a 500: SupabaseUnavailable.
    """
    with supabase_client.for_one_call(admin=True) as client:
        attributes = {"email": email, "email_confirm": True}
        user = client.auth.admin.update_user_by_id(str(user_id), attributes).user
        return str(user.email or email)


def delete_account(*, user_id: UUID) -> None:
    """Deletes an account and its sessions. Idempotent."""
    with supabase_client.for_one_call(admin=True) as client, _ignoring("user_not_found"):
        client.auth.admin.delete_user(str(user_id))


def _session(answer: Any) -> Session | None:
    session = answer.session
    if session is None:
        return None
    return Session(
        access_token=session.access_token,
        refresh_token=session.refresh_token,
        token_type=session.token_type,
        expires_in=session.expires_in,
        expires_at=session.expires_at or 0,
    )


def _required(session: Session | None) -> Session:
    if session is None:
        raise SupabaseUnavailable
    return session


def ban_account(*, user_id: UUID, duration: timedelta) -> None:
    """Bans an account for ``duration``, in whole seconds, from now. At most for MAX_BAN.

    Idempotent; a deleted account is not an error. Supabase reads the duration as Go does: "90s".
    """
    _set_ban(user_id, f"{int(min(duration, MAX_BAN).total_seconds())}s")


def unban_account(*, user_id: UUID) -> None:
    """Lifts the ban of an account. Idempotent; a deleted account is not an error."""
    _set_ban(user_id, "none")


def _set_ban(user_id: UUID, duration: str) -> None:
    with supabase_client.for_one_call(admin=True) as client, _ignoring("user_not_found"):
        client.auth.admin.update_user_by_id(str(user_id), {"ban_duration": duration})


@contextmanager
def _ignoring(*codes: str) -> Iterator[None]:
    """Ignores Supabase's errors with one of these codes, so that a call is idempotent."""
    from supabase_auth.errors import AuthApiError

    try:
        yield
    except AuthApiError as error:
        if error.code not in codes:
            raise
