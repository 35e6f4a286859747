"""The caller of a channel, identified by an access token or an API key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import jwt

from standins.supabase.auth import sessions, users
from standins.supabase.keys import Keys
from standins.supabase.pool import Cursor


class RealtimeError(Exception):
    """An error with Supabase's code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.message = message


@dataclass(frozen=True)
class Caller:
    """The claims that policies read. For an API key, they are only its ``role``."""

    claims: Mapping[str, Any]

    @property
    def role(self) -> str:
        """The PostgreSQL role."""
        return str(self.claims["role"])

    @property
    def expires_at(self) -> float | None:
        """The token's expiry in Unix seconds; None for an API key."""
        return self.claims.get("exp")


def is_token(value: Any) -> bool:
    """Whether ``value`` may be an access token. Clients without a session send their API key instead."""
    return isinstance(value, str) and value != "" and not value.startswith("sb_")


def identify(keys: Keys, token: Any, api_role: str) -> Caller:
    """The caller with ``token``; without a token, with the role of the API key. Raises RealtimeError."""
    if not is_token(token):
        return Caller({"role": api_role})
    try:
        claims = keys.verify(token)
    except jwt.ExpiredSignatureError:
        raise RealtimeError("InvalidJWTToken", "Token has expired") from None
    except (jwt.InvalidSignatureError, jwt.InvalidKeyError, jwt.InvalidAlgorithmError):
        raise RealtimeError("JwtSignatureError", "Failed to validate JWT signature") from None
    except (jwt.PyJWTError, ValueError):
        raise RealtimeError("MalformedJWT", "The token provided is not a valid JWT") from None
    if not claims.get("role"):
        raise RealtimeError("InvalidJWTToken", "Fields `role` and `exp` are required in JWT")
    return Caller(claims)


def check_account(cursor: Cursor, caller: Caller, *, at: datetime) -> None:
    """Raises RealtimeError if the account is banned or deleted, or the session has ended.

    Supabase's Realtime checks only the token, so there the caller keeps access until the token expires.
    """
    sub, session_id = caller.claims.get("sub"), caller.claims.get("session_id")
    if sub is None:
        return
    try:
        user = users.find(cursor, UUID(str(sub)))
        session = sessions.find(cursor, UUID(str(session_id))) if session_id else None
    except ValueError:
        raise RealtimeError("InvalidJWTToken", "sub and session_id have to be UUIDs") from None
    if user is None or user.deleted_at:
        raise RealtimeError("InvalidJWTToken", "The user of this token does not exist")
    if user.is_banned(at):
        raise RealtimeError("InvalidJWTToken", "The user of this token is banned")
    if session_id and (session is None or session.user_id != user.id):
        raise RealtimeError("InvalidJWTToken", "The session of this token has ended")
    if session and session.not_after and session.not_after <= at:
        raise RealtimeError("InvalidJWTToken", "The session of this token has ended")
