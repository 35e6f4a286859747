"""Accounts in Supabase Auth: registration, login and refresh.

Besides the errors named below, each function raises those of ``integrations/supabase_auth.py``:
InvalidInput (with Supabase's own code), InvalidToken (the session has ended), TooManyRequests,
SupabaseRejected or SupabaseUnavailable.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from accounts.errors import AccountBanned, InvalidInput, InvalidToken, SupabaseUnavailable, TokenTooLarge
from accounts.integrations import access_tokens, supabase_auth, supabase_client
from accounts.integrations.access_tokens import Claims
from accounts.integrations.supabase_auth import Session
from accounts.models import User
from accounts.services import users

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

    Raises InvalidInput: ``user_banned`` if the user is banned and Supabase does not know it yet, and as for a
    wrong password if the user is deleted.
    """
    claims = _claims_of(session)
    try:
        user = users.authenticate(claims)
    except AccountBanned:
        raise supabase_client.refusal("User is banned", "user_banned") from None
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
