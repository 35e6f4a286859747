"""Sessions: the rows of ``auth.sessions``, and their access tokens."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from standins.supabase.auth.users import User
from standins.supabase.keys import Keys
from standins.supabase.pool import Cursor

LIFETIME_SECONDS = 3600  # of an access token


@dataclass(frozen=True)
class Session:
    """``amr`` lists the methods of authentication and their times, newest first (RFC 8176)."""

    id: UUID
    user_id: UUID
    aal: str
    not_after: datetime | None
    amr: list[dict[str, Any]]


def create_session(
    cursor: Cursor,
    user_id: UUID,
    *,
    at: datetime,
    method: str = "password",
    user_agent: str = "",
    ip: str | None = None,
) -> Session:
    """Creates a session of the account at ``at``. ``method`` is its method of authentication."""
    session_id = uuid.uuid4()
    cursor.execute(
        """insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip)
           values (%s, %s, %s, %s, 'aal1', %s, %s)""",
        (str(session_id), str(user_id), at, at, user_agent, ip),
    )
    cursor.execute(
        """insert into auth.mfa_amr_claims (session_id, created_at, updated_at, authentication_method)
           values (%s, %s, %s, %s)""",
        (str(session_id), at, at, method),
    )
    cursor.execute(
        "update auth.users set last_sign_in_at = %s, updated_at = %s where id = %s", (at, at, str(user_id))
    )
    amr = [{"method": method, "timestamp": int(at.timestamp())}]
    return Session(session_id, user_id, "aal1", None, amr)


def find(cursor: Cursor, session_id: UUID, *, lock: bool = False) -> Session | None:
    """The session with this id; ``lock`` locks its row until the end of the transaction."""
    suffix = " for no key update" if lock else ""
    cursor.execute(
        f"""select user_id::text, aal::text, not_after, (
              select json_agg(json_build_object('method', authentication_method,
                'timestamp', floor(extract(epoch from created_at))) order by created_at desc)::text
              from auth.mfa_amr_claims where session_id = s.id)
            from auth.sessions s where id = %s{suffix}""",
        (str(session_id),),
    )
    row = cursor.fetchone()
    return Session(session_id, UUID(row[0]), row[1], row[2], json.loads(row[3] or "[]")) if row else None


def raise_to_aal2(cursor: Cursor, session: Session, factor_id: UUID, *, at: datetime) -> Session:
    """Sets the session to ``aal2`` and ends the account's ``aal1`` sessions.

    Supabase docs, "Multi-Factor Authentication".
    """
    cursor.execute(
        "update auth.sessions set aal = 'aal2', factor_id = %s, updated_at = %s where id = %s",
        (str(factor_id), at, str(session.id)),
    )
    cursor.execute(
        """insert into auth.mfa_amr_claims (session_id, created_at, updated_at, authentication_method)
           values (%s, %s, %s, 'totp') on conflict (session_id, authentication_method)
           do update set created_at = excluded.created_at, updated_at = excluded.updated_at""",
        (str(session.id), at, at),
    )
    cursor.execute("delete from auth.sessions where user_id = %s and aal = 'aal1'", (str(session.user_id),))
    raised = find(cursor, session.id)
    assert raised is not None
    return raised


def end(cursor: Cursor, session_id: UUID) -> None:
    cursor.execute("delete from auth.sessions where id = %s", (str(session_id),))


def end_all(cursor: Cursor, user_id: UUID, *, but: UUID | None = None) -> None:
    """Ends the account's sessions, except ``but``."""
    cursor.execute(
        "delete from auth.sessions where user_id = %s and id is distinct from %s::uuid",
        (str(user_id), str(but) if but else None),
    )


def access_token(
    keys: Keys, issuer: str, user: User, session: Session, *, at: datetime, lifetime: int = LIFETIME_SECONDS
) -> str:
    """A signed token that expires ``lifetime`` seconds after ``at``.

    Supabase docs, "JWT claims reference".
    """
    issued = int(at.timestamp())
    return keys.sign(
        {
            "iss": issuer,
            "sub": str(user.id),
            "aud": user.aud,
            "exp": issued + lifetime,
            "iat": issued,
            "email": user.email,
            "phone": "",
            "app_metadata": user.app_metadata,
            "user_metadata": user.user_metadata,
            "role": user.role,
            "aal": session.aal,
            "amr": session.amr,
            "session_id": str(session.id),
            "is_anonymous": user.is_anonymous,
        }
    )
