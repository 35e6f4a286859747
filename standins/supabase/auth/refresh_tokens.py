"""Refresh tokens (``auth.refresh_tokens``): single use, with detection of reuse.

A response may be lost, so a used token is accepted again within ten seconds, and while it is the parent of
the active token. In both cases the active token is returned. Every other reuse ends the session (Supabase
docs, "User sessions").
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from standins.supabase.auth.errors import AuthError, validation_failed
from standins.supabase.auth.sessions import Session
from standins.supabase.pool import Cursor

TOKEN_BYTES = 9
TOKEN_CHARACTERS = 12
REUSE_WINDOW = timedelta(seconds=10)


def grant(cursor: Cursor, session: Session, *, at: datetime, parent: str | None = None) -> str:
    """Stores and returns a new active token. ``parent`` is the token that it replaces."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    cursor.execute(
        """insert into auth.refresh_tokens (token, user_id, revoked, created_at, updated_at, parent,
             session_id) values (%s, %s, false, %s, %s, %s, %s)""",
        (token, str(session.user_id), at, at, parent, str(session.id)),
    )
    return token


def session_of(cursor: Cursor, token: str) -> UUID:
    """The id of the token's session. Raises AuthError for an unknown or malformed token."""
    if len(token) != TOKEN_CHARACTERS:
        raise validation_failed("Refresh token is not valid")
    cursor.execute("select session_id::text from auth.refresh_tokens where token = %s", (token,))
    row = cursor.fetchone()
    if row is None:
        raise not_found()
    return UUID(row[0])


def rotate(cursor: Cursor, session: Session, token: str, *, at: datetime) -> str:
    """Returns the active token that replaces ``token``. The caller must hold the session's lock.

    If ``token`` is reused, ends the session and raises AuthError.
    """
    cursor.execute("select revoked, updated_at from auth.refresh_tokens where token = %s", (token,))
    row = cursor.fetchone()
    if row is None:
        raise not_found()
    revoked, updated_at = row
    if not revoked:
        _revoke(cursor, "token = %s", token, at)
        cursor.execute(
            """update auth.sessions set updated_at = %s,
                 refreshed_at = %s::timestamptz at time zone 'utc' where id = %s""",
            (at, at, str(session.id)),
        )
        return grant(cursor, session, at=at, parent=token)
    active = _active(cursor, session)
    if active and (active[1] == token or at <= updated_at + REUSE_WINDOW):
        return active[0]
    _revoke(cursor, "session_id = %s::uuid", str(session.id), at)
    # The row is kept, so that the error of the next refresh is session_expired.
    cursor.execute("update auth.sessions set not_after = %s where id = %s", (at, str(session.id)))
    message = "Invalid Refresh Token: Already Used"
    raise AuthError(400, "refresh_token_already_used", message, keep_changes=True)


def swap(cursor: Cursor, session: Session, *, at: datetime) -> str:
    """Replaces the session's active token by a new token, which is returned."""
    active = _active(cursor, session)
    return rotate(cursor, session, active[0], at=at) if active else grant(cursor, session, at=at)


def not_found() -> AuthError:
    return AuthError(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")


def _active(cursor: Cursor, session: Session) -> tuple[str, str | None] | None:
    """The session's active token and its parent."""
    cursor.execute(
        """select token, parent from auth.refresh_tokens where session_id = %s and not revoked
           order by id desc limit 1""",
        (str(session.id),),
    )
    row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def _revoke(cursor: Cursor, condition: str, value: str, at: datetime) -> None:
    cursor.execute(
        f"update auth.refresh_tokens set revoked = true, updated_at = %s where {condition} and not revoked",
        (at, value),
    )
