"""Supabase Auth over supabase-py: one client per call over one shared HTTP client.

A supabase client takes on the token of whoever signs in on it, so none is ever shared between
calls. Sessions live in memory for that call: implicit flow, no storage, no refresh timer.
Raises InvalidInput (with Supabase's own code), TooManyRequests or SupabaseUnavailable only.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from django.conf import settings

from accounts.errors import InvalidInput, SupabaseUnavailable, TooManyRequests

if TYPE_CHECKING:
    import httpx
    from supabase import Client
    from supabase_auth.types import AuthResponse

TIMEOUT_SECONDS = 8
MAX_CONNECTIONS = 50
Scope = Literal["local", "global", "others"]
BANNED = "876000h"
MFA_CODE_REQUIRED, MFA_CODE_WRONG = "mfa_code_required", "mfa_verification_failed"
FIELD_OF_CODE = {
    "weak_password": "password",
    "same_password": "password",
    "user_already_exists": "email",
    "email_exists": "email",
    "email_address_invalid": "email",
    "email_address_not_authorized": "email",
}
# Supabase's answers that say our own API key is wrong: the caller cannot mend that.
OUR_FAULT = {401, 402, 405}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Session:
    """A signed-in session; ``expires_in`` in seconds, ``expires_at`` in Unix seconds."""

    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int
    expires_at: int


@dataclass(frozen=True)
class Account:
    """A Supabase account."""

    id: UUID
    email: str


def sign_up(
    *, email: str, password: str, metadata: dict[str, Any], client_ip: str | None = None
) -> Session | None:
    """Makes an account; None while its address waits for confirmation (or is taken already)."""
    with _client(client_ip=client_ip) as client:
        answer = client.auth.sign_up({"email": email, "password": password, "options": {"data": metadata}})
        return _session(answer)


def sign_in(*, email: str, password: str, client_ip: str | None = None) -> Session:
    """A session for the right password."""
    with _client(client_ip=client_ip) as client:
        answer = client.auth.sign_in_with_password({"email": email, "password": password})
        return _required(_session(answer))


def refresh(*, refresh_token: str, client_ip: str | None = None) -> Session:
    """The next session for a refresh token, which is used up by it."""
    with _client(client_ip=client_ip) as client:
        return _required(_session(client.auth.refresh_session(refresh_token)))


def sign_out(*, access_token: str, scope: Scope) -> None:
    """Ends this session, all, or all others; one already ended is no error."""
    from supabase_auth.errors import AuthApiError

    with _client() as client:
        try:
            client.auth.admin.sign_out(access_token, scope)
        except AuthApiError as error:
            if error.status not in (401, 403, 404):
                raise


def send_recovery(*, email: str, client_ip: str | None = None) -> None:
    """Mails a recovery code and link; Supabase says nothing of whether the address is known."""
    with _client(client_ip=client_ip) as client:
        client.auth.reset_password_for_email(email)


def resend_verification(*, email: str, client_ip: str | None = None) -> None:
    """Mails the sign-up confirmation again, if one is due."""
    with _client(client_ip=client_ip) as client:
        client.auth.resend({"type": "signup", "email": email})


def reset_password_by_code(*, new_password: str, code: dict[str, str]) -> None:
    """Redeems ``{token_hash}`` or ``{email, token}``, sets the password, leaves no session."""
    with _client() as client:
        answer = client.auth.verify_otp({"type": "recovery", **code})  # type: ignore[arg-type]
        session = _required(_session(answer))
        client.auth.update_user({"password": new_password})
        client.auth.admin.sign_out(session.access_token, "global")


def reset_password_in_session(*, new_password: str, access_token: str) -> None:
    """Sets the password of the token's account; Supabase ends its other sessions."""
    with _client() as client:
        # The client asks for a refresh token with it, which this one call never uses.
        client.auth.set_session(access_token, refresh_token="unused")
        client.auth.update_user({"password": new_password})


def create_account(*, email: str, password: str | None, name: str) -> Account:
    """Makes a confirmed account with the secret key."""
    attributes: dict[str, Any] = {"email": email, "email_confirm": True}
    attributes |= {"user_metadata": {"name": name}} if name else {}
    attributes |= {"password": password} if password else {}
    with _client(admin=True) as client:
        user = client.auth.admin.create_user(attributes).user  # type: ignore[arg-type]
        return Account(id=UUID(user.id), email=user.email or email)


def delete_account(*, user_id: UUID) -> None:
    """Removes an account and its sessions; one already gone is no error."""
    from supabase_auth.errors import AuthApiError

    with _client(admin=True) as client:
        try:
            client.auth.admin.delete_user(str(user_id))
        except AuthApiError as error:
            if error.status != 404:
                raise


@contextmanager
def _client(*, admin: bool = False, client_ip: str | None = None) -> Iterator[Client]:
    """A client for one call, its errors turned into ours.

    ``client_ip`` makes Supabase count its rate limits by the caller's address; it is believed
    with the secret key only.
    """
    from pydantic import ValidationError
    from supabase import create_client
    from supabase.lib.client_options import SyncClientOptions
    from supabase_auth.errors import AuthError

    key = settings.SUPABASE_SECRET_KEY if admin or client_ip else settings.SUPABASE_PUBLISHABLE_KEY
    options = SyncClientOptions(
        flow_type="implicit",
        auto_refresh_token=False,
        persist_session=False,
        httpx_client=_http(os.getpid()),
        headers={"Sb-Forwarded-For": client_ip} if client_ip else {},
    )
    try:
        yield create_client(settings.SUPABASE_URL, key, options=options)
    except AuthError as error:
        raise _ours(error) from None
    except ValidationError:
        logger.error("Supabase answered in a form that its client cannot read.")
        raise SupabaseUnavailable from None


@lru_cache(maxsize=1)
def _http(pid: int) -> httpx.Client:
    """The HTTP client of process ``pid``: sockets must not be shared across a fork."""
    import httpx

    limits = httpx.Limits(max_connections=MAX_CONNECTIONS)
    return httpx.Client(timeout=TIMEOUT_SECONDS, limits=limits)


def _ours(error: Any) -> Exception:
    """A supabase-py AuthError as one of our errors."""
    status, code = getattr(error, "status", None), error.code or "account_refused"
    if status is None or status == 0 or status >= 500 or status in OUR_FAULT:
        logger.error("Supabase Auth failed: %s (status %s)", type(error).__name__, status)
        return SupabaseUnavailable()
    if status == 429:
        return TooManyRequests(error.message, code=code)
    field = FIELD_OF_CODE.get(code)
    return InvalidInput(error.message, code=code, errors={field: [error.message]} if field else {})


def _session(answer: AuthResponse) -> Session | None:
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


def ban_account(*, user_id: UUID) -> None:
    """Bans an account for a century, Supabase's word for always; one that is gone is no error."""
    _set_ban(user_id, BANNED)


def lift_ban(*, user_id: UUID) -> None:
    """Lets an account sign in again; one that is gone is no error."""
    _set_ban(user_id, "none")


def _set_ban(user_id: UUID, duration: str) -> None:
    from supabase_auth.errors import AuthApiError

    with _client(admin=True) as client:
        try:
            client.auth.admin.update_user_by_id(str(user_id), {"ban_duration": duration})
        except AuthApiError as error:
            if error.status != 404:
                raise


def prove_second_factor(*, access_token: str, code: str, client_ip: str | None = None) -> str:
    """The session's access token after ``code`` of an authenticator app, where the account has one.

    The same token comes back for an account without a second factor. Raises InvalidInput
    (``mfa_code_required``) for an absent code, ``mfa_verification_failed`` for a wrong one and
    ``mfa_factor_unsupported`` for an account whose factors are of other kinds only.
    """
    with _client(client_ip=client_ip) as client:
        # The client asks for a refresh token with it, which these few calls never use.
        client.auth.set_session(access_token, refresh_token="unused")
        factors = client.auth.mfa.list_factors()
        if not any(factor.status == "verified" for factor in factors.all):
            return access_token
        if not factors.totp:
            message = "The second factor of this account cannot be used here. Add an authenticator app."
            raise InvalidInput(message, code="mfa_factor_unsupported")
        if not code:
            raise InvalidInput("Enter the code of your authenticator app.", code=MFA_CODE_REQUIRED)
        return _redeem_totp(client, [factor.id for factor in factors.totp], code)


def _redeem_totp(client: Client, factor_ids: list[str], code: str) -> str:
    """The access token that ``code`` of one of these factors gives; raises the last refusal."""
    from supabase_auth.errors import AuthApiError

    for number, factor_id in enumerate(factor_ids, start=1):
        try:
            return client.auth.mfa.challenge_and_verify({"factor_id": factor_id, "code": code}).access_token
        except AuthApiError as error:
            if error.code != MFA_CODE_WRONG or number == len(factor_ids):
                raise
    raise AssertionError("no factor")
