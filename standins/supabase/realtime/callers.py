"""Who joins a channel: the holder of an access token, or of an API key alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import jwt

from standins.supabase.auth import sessions, users
from standins.supabase.keys import Keys
from standins.supabase.pool import Cursor


class Refused(Exception):
    """Why not: a word of Supabase's and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.message = message


@dataclass(frozen=True)
class Caller:
    """The claims that policies see; an API key has no more than a ``role``."""

    claims: Mapping[str, Any]

    @property
    def role(self) -> str:
        """The role of PostgreSQL to act as."""
        return str(self.claims["role"])

    @property
    def expires_at(self) -> float | None:
        """The instant in Unix seconds after which the token is over; None for an API key."""
        return self.claims.get("exp")


def identify(keys: Keys, token: Any, api_role: str) -> Caller:
    """The holder of ``token``; of the API key, when there is none or an API key in its place.

    Raises Refused.
    """
    if not isinstance(token, str) or not token or token.startswith("sb_"):
        return Caller({"role": api_role})
    try:
        claims = keys.verify(token)
    except jwt.ExpiredSignatureError:
        raise Refused("InvalidJWTToken", "Token has expired") from None
    except (jwt.InvalidSignatureError, jwt.InvalidKeyError, jwt.InvalidAlgorithmError):
        raise Refused("JwtSignatureError", "Failed to validate JWT signature") from None
    except (jwt.PyJWTError, ValueError):
        raise Refused("MalformedJWT", "The token provided is not a valid JWT") from None
    if not claims.get("role"):
        raise Refused("InvalidJWTToken", "Fields `role` and `exp` are required in JWT")
    return Caller(claims)


def check_account(cursor: Cursor, caller: Caller, *, at: datetime) -> None:
    """Raises Refused when the account is banned or gone, or the session is over.

    Supabase's Realtime notices that only once the token expires; here nobody has to wait.
    """
    sub, session_id = caller.claims.get("sub"), caller.claims.get("session_id")
    if sub is None:
        return
    try:
        user = users.find(cursor, UUID(str(sub)))
        session = sessions.find(cursor, UUID(str(session_id))) if session_id else None
    except ValueError:
        raise Refused("InvalidJWTToken", "sub and session_id have to be UUIDs") from None
    if user is None or user.deleted_at:
        raise Refused("InvalidJWTToken", "The user of this token does not exist")
    if user.is_banned(at):
        raise Refused("InvalidJWTToken", "The user of this token is banned")
    if session_id and (session is None or session.user_id != user.id):
        raise Refused("InvalidJWTToken", "The session of this token has ended")
    if session and session.not_after and session.not_after <= at:
        raise Refused("InvalidJWTToken", "The session of this token has ended")
