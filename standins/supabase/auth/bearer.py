"""Authentication of callers: the checks of Supabase Auth, in its order and with its errors."""

from typing import Any
from uuid import UUID

import jwt
from starlette.requests import Request

from standins.supabase.auth import sessions, users
from standins.supabase.auth.calls import Call
from standins.supabase.auth.errors import AuthError, session_not_found, user_banned, validation_failed
from standins.supabase.auth.sessions import Session
from standins.supabase.auth.users import User
from standins.supabase.keys import Keys

ADMIN_ROLES = {"service_role", "supabase_admin"}


def claims(request: Request) -> dict[str, Any]:
    """The claims of the access token; without a token, only the ``role`` of the API key.

    Raises AuthError for an invalid token.
    """
    header = request.headers.get("authorization", "")
    if not header or header.lower().startswith("bearer sb_"):
        return {"role": request.scope["api_role"]}
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token")
    keys: Keys = request.app.state.config.keys
    try:
        return keys.verify(token.strip())
    except (jwt.PyJWTError, ValueError):
        raise _bad_jwt("unable to parse or verify signature") from None


def current_user(call: Call, *, lock: bool = False) -> tuple[User, Session | None]:
    """The account of the access token and its session; ``lock`` locks the account's row.

    Raises AuthError.
    """
    found = claims(call.request)
    if not found.get("sub"):
        raise _bad_jwt("missing sub claim")
    user = users.find(call.cursor, _uuid(found["sub"], status=400), lock=lock)
    if user is None:
        raise AuthError(403, "user_not_found", "User from sub claim in JWT does not exist")
    session = None
    if found.get("session_id"):
        session = sessions.find(call.cursor, _uuid(found["session_id"], status=403))
        if session is None or session.user_id != user.id:
            raise session_not_found()
    if user.is_banned(call.at):
        raise user_banned(403)
    if found.get("aud") != user.aud:
        raise validation_failed("Token audience doesn't match request audience")
    return user, session


def require_admin(call: Call) -> None:
    """Raises AuthError unless the caller has the secret key."""
    if claims(call.request).get("role") not in ADMIN_ROLES:
        raise AuthError(403, "not_admin", "User not allowed")


def _bad_jwt(reason: str, status: int = 403) -> AuthError:
    return AuthError(status, "bad_jwt", f"invalid JWT: {reason}")


def _uuid(claim: Any, *, status: int) -> UUID:
    try:
        return UUID(str(claim))
    except ValueError:
        raise _bad_jwt("sub or session_id claim must be a UUID", status) from None
