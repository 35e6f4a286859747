"""Codes and links that are mailed: one hour, one use, five tries (``auth.one_time_tokens``).

A code has six digits; its link carries ``token_hash``, the hexadecimal sha224 of address and code.
A newer code of the same kind replaces the older one.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from standins.supabase.auth import flow_states, users
from standins.supabase.pool import Cursor

LIFETIME = timedelta(hours=1)
MAX_WRONG_GUESSES = 5

# Which stored kinds the ``type`` of a request may mean; "email" is either of the first two.
KINDS = {
    "signup": ["confirmation_token"],
    "invite": ["confirmation_token"],
    "recovery": ["recovery_token"],
    "magiclink": ["recovery_token"],
    "email": ["confirmation_token", "recovery_token"],
    "email_change": ["email_change_token_new", "email_change_token_current"],
    "reauthentication": ["reauthentication_token"],
}
COLUMNS = "t.id::text, t.user_id::text, t.token_type::text, t.token_hash, t.created_at"


@dataclass(frozen=True)
class OneTimeToken:
    """A mailed code that nobody has used yet."""

    id: str
    user_id: UUID
    kind: str
    token_hash: str
    created_at: datetime

    def is_live(self, at: datetime) -> bool:
        """Whether its hour is not over."""
        return at <= self.created_at + LIFETIME


def hash_of(email: str, code: str) -> str:
    """What a link carries instead of address and code."""
    return hashlib.sha224(f"{email}{code}".encode()).hexdigest()


def issue(
    cursor: Cursor, user_id: UUID, kind: str, email: str, *, at: datetime, prefix: str = ""
) -> tuple[str, str]:
    """A new code for ``email`` and its hash, behind ``prefix``; the caller holds the account's lock."""
    code = f"{secrets.randbelow(10**6):06}"
    token_hash = prefix + hash_of(email, code)
    cursor.execute(
        "delete from auth.one_time_tokens where user_id = %s and token_type = %s",
        (str(user_id), kind),
    )
    cursor.execute(
        """insert into auth.one_time_tokens
             (user_id, token_type, token_hash, relates_to, created_at, updated_at)
           values (%s, %s, %s, %s, %s::timestamptz at time zone 'utc', now() at time zone 'utc')""",
        (str(user_id), kind, token_hash, email, at),
    )
    return code, token_hash


def take_by_hash(cursor: Cursor, type: str, token_hash: str, *, at: datetime) -> OneTimeToken | None:
    """Uses up the token of a link, unless it is unknown, used or over."""
    found = _search(cursor, type, "t.token_hash = %s", token_hash)
    return _take(cursor, found[0], at) if found else None


def take_by_code(cursor: Cursor, type: str, email: str, code: str, *, at: datetime) -> OneTimeToken | None:
    """Uses up the token that was mailed to ``email`` if the code is right, else counts the guess."""
    right, wrong = None, []
    for token in _search(cursor, type, "t.relates_to = %s", email):
        token_hash = token.token_hash.removeprefix(flow_states.PREFIX)
        if hmac.compare_digest(token_hash, hash_of(email, code)):
            right = token
        else:
            wrong.append(token)
    if right:
        return _take(cursor, right, at)
    for token in wrong:
        _count_wrong_guess(cursor, token)
    return None


def pending(cursor: Cursor, user_id: UUID) -> set[str]:
    """The kinds of token that the account has not used yet."""
    cursor.execute("select token_type::text from auth.one_time_tokens where user_id = %s", (str(user_id),))
    return {row[0] for row in cursor.fetchall()}


def clear(cursor: Cursor, user_id: UUID) -> None:
    """Drops every code of the account."""
    cursor.execute("delete from auth.one_time_tokens where user_id = %s", (str(user_id),))


def _search(cursor: Cursor, type: str, condition: str, value: str) -> list[OneTimeToken]:
    """The matching tokens, read again once their accounts are locked, so that one request has them."""
    sql = f"""select {COLUMNS} from auth.one_time_tokens t
              where {condition} and t.token_type::text = any(%s) order by t.user_id, t.id"""
    cursor.execute(sql, (value, KINDS[type]))
    for user_id in sorted({row[1] for row in cursor.fetchall()}):
        users.find(cursor, UUID(user_id), lock=True)
    cursor.execute(sql, (value, KINDS[type]))
    return [_token(row) for row in cursor.fetchall()]


def _take(cursor: Cursor, token: OneTimeToken, at: datetime) -> OneTimeToken | None:
    cursor.execute("delete from auth.one_time_tokens where id = %s", (token.id,))
    return token if token.is_live(at) else None


def _count_wrong_guess(cursor: Cursor, token: OneTimeToken) -> None:
    """The last allowed wrong guess removes the token."""
    cursor.execute(
        """insert into standin.wrong_guesses (one_time_token_id, count) values (%s, 1)
           on conflict (one_time_token_id) do update set count = wrong_guesses.count + 1
           returning count""",
        (token.id,),
    )
    if (cursor.fetchone() or (0,))[0] >= MAX_WRONG_GUESSES:
        cursor.execute("delete from auth.one_time_tokens where id = %s", (token.id,))


def _token(row: tuple[Any, ...]) -> OneTimeToken:
    # The column has no time zone; Supabase writes UTC into it.
    return OneTimeToken(row[0], UUID(row[1]), row[2], row[3], row[4].replace(tzinfo=UTC))
