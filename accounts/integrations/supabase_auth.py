"""Supabase Auth: what we ask of it.

Raises InvalidInput (with Supabase's own code), TooManyRequests or SupabaseUnavailable only.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from accounts.errors import SupabaseUnavailable
from accounts.integrations import supabase_client

if TYPE_CHECKING:
    from supabase_auth.types import AuthResponse

Scope = Literal["local", "global", "others"]
# What Supabase says only after it has found the address and tried to write to it.
CODES_OF_KNOWN_ADDRESSES = ("over_email_send_rate_limit", "email_address_not_authorized", "hook_")
BANNED = "876000h"

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
    with supabase_client.for_one_call(client_ip=client_ip) as client:
        answer = client.auth.sign_up({"email": email, "password": password, "options": {"data": metadata}})
        return _session(answer)


def sign_in(*, email: str, password: str, client_ip: str | None = None) -> Session:
    """A session for the right password."""
    with supabase_client.for_one_call(client_ip=client_ip) as client:
        answer = client.auth.sign_in_with_password({"email": email, "password": password})
        return _required(_session(answer))


def refresh(*, refresh_token: str, client_ip: str | None = None) -> Session:
    """The next session for a refresh token, which is used up by it."""
    with supabase_client.for_one_call(client_ip=client_ip) as client:
        return _required(_session(client.auth.refresh_session(refresh_token)))


def sign_out(*, access_token: str, scope: Scope) -> None:
    """Ends this session, all, or all others; one already ended is no error."""
    from supabase_auth.errors import AuthApiError

    with supabase_client.for_one_call() as client:
        try:
            client.auth.admin.sign_out(access_token, scope)
        except AuthApiError as error:
            # A 401 is the gateway's: our own API key is wrong, and nothing has ended.
            if error.status not in (403, 404):
                raise


def send_recovery(*, email: str, client_ip: str | None = None) -> None:
    """Mails a recovery code and link; nothing says whether the address is known."""
    with supabase_client.for_one_call(client_ip=client_ip) as client, _telling_nothing():
        client.auth.reset_password_for_email(email)


def resend_verification(*, email: str, client_ip: str | None = None) -> None:
    """Mails the sign-up confirmation again, if one is due; nothing says whether it is."""
    with supabase_client.for_one_call(client_ip=client_ip) as client, _telling_nothing():
        client.auth.resend({"type": "signup", "email": email})


@contextmanager
def _telling_nothing() -> Iterator[None]:
    """Logs, and keeps from the caller, the failures that Supabase has with known addresses alone."""
    from supabase_auth.errors import AuthApiError

    try:
        yield
    except AuthApiError as error:
        # 500: the mail could not be sent. A Supabase that is not there is another kind of error.
        if error.status != 500 and not (error.code or "").startswith(CODES_OF_KNOWN_ADDRESSES):
            raise
        logger.error("Supabase sent no mail: %s (status %s)", error.code, error.status)


def redeem_recovery(*, code: dict[str, str], client_ip: str | None = None) -> Session:
    """A session for ``{token_hash}`` or ``{email, token}``, which is used up by it."""
    with supabase_client.for_one_call(client_ip=client_ip) as client:
        answer = client.auth.verify_otp({"type": "recovery", **code})  # type: ignore[arg-type]
        return _required(_session(answer))


def set_password(*, new_password: str, access_token: str, client_ip: str | None = None) -> UUID:
    """Sets the password of the token's account and returns whose that is.

    Supabase ends its other sessions.
    """
    with supabase_client.for_one_call(client_ip=client_ip) as client:
        # The client asks for a refresh token with it, which this one call never uses.
        client.auth.set_session(access_token, refresh_token="unused")
        return UUID(client.auth.update_user({"password": new_password}).user.id)


def create_account(*, email: str, password: str | None, name: str) -> Account:
    """Makes a confirmed account with the secret key."""
    attributes: dict[str, Any] = {"email": email, "email_confirm": True}
    attributes |= {"user_metadata": {"name": name}} if name else {}
    attributes |= {"password": password} if password else {}
    with supabase_client.for_one_call(admin=True) as client:
        user = client.auth.admin.create_user(attributes).user  # type: ignore[arg-type]
        return Account(id=UUID(user.id), email=user.email or email)


def delete_account(*, user_id: UUID) -> None:
    """Removes an account and its sessions; one already gone is no error."""
    from supabase_auth.errors import AuthApiError

    with supabase_client.for_one_call(admin=True) as client:
        try:
            client.auth.admin.delete_user(str(user_id))
        except AuthApiError as error:
            if error.status != 404:
                raise


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

    with supabase_client.for_one_call(admin=True) as client:
        try:
            client.auth.admin.update_user_by_id(str(user_id), {"ban_duration": duration})
        except AuthApiError as error:
            if error.status != 404:
                raise
