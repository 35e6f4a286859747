"""Mailed codes and links (``auth.one_time_tokens``). Each is valid for one use within one hour.

A code has six digits. Its link has a ``token_hash``, the hexadecimal SHA-224 of address and code.
A new code of a kind replaces the previous one.
"""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from standins.supabase.auth import users
from standins.supabase.pool import Cursor

LIFETIME = timedelta(hours=1)
# The token types that each ``type`` in a request accepts.
KINDS = {
    "signup": ["confirmation_token"],
    "recovery": ["recovery_token"],
    "email": ["confirmation_token", "recovery_token"],
    "email_change": ["email_change_token_new", "email_change_token_current"],
}


def hash_of(email: str, code: str) -> str:
    return hashlib.sha224(f"{email}{code}".encode()).hexdigest()


def issue(
    cursor: Cursor, user_id: UUID, kind: str, email: str, *, at: datetime, prefix: str = ""
) -> tuple[str, str]:
    """Stores a new code for ``email``; returns the code, and its hash with ``prefix``.

    The caller must hold the lock of the account.
    """
    code = f"{secrets.randbelow(10**6):06}"
    token_hash = prefix + hash_of(email, code)
    cursor.execute(
        "delete from auth.one_time_tokens where user_id = %s and token_type = %s", (str(user_id), kind)
    )
    cursor.execute(
        """insert into auth.one_time_tokens
             (user_id, token_type, token_hash, relates_to, created_at, updated_at)
           values (%s, %s, %s, %s, %s::timestamptz at time zone 'utc', now() at time zone 'utc')""",
        (str(user_id), kind, token_hash, email, at),
    )
    return code, token_hash


def redeem(cursor: Cursor, type: str, token_hashes: list[str], *, at: datetime) -> UUID | None:
    """Deletes the token with one of these hashes and locks its account; returns the account's id.

    Returns None for an unknown, used or expired token.
    """
    condition = "token_hash = any(%s) and token_type::text = any(%s)"
    values = (token_hashes, KINDS[type])
    cursor.execute(f"select user_id::text from auth.one_time_tokens where {condition}", values)
    row = cursor.fetchone()
    if row is None:
        return None
    user_id = UUID(row[0])
    users.find(cursor, user_id, lock=True)
    cursor.execute(f"delete from auth.one_time_tokens where {condition} returning created_at", values)
    row = cursor.fetchone()
    # The column has no time zone; its values are in UTC.
    return user_id if row and at <= row[0].replace(tzinfo=UTC) + LIFETIME else None


def clear(cursor: Cursor, user_id: UUID) -> None:
    cursor.execute("delete from auth.one_time_tokens where user_id = %s", (str(user_id),))
