"""Accounts: the rows of ``auth.users`` with their e-mail identity.

Every function takes a cursor of psycopg2 or of Django and leaves the transaction to its caller.
Whoever changes an account together with its sessions or codes locks the account first, so that
two requests never wait for each other.
"""

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from standins.supabase.auth import identities
from standins.supabase.pool import Cursor

AUDIENCE = "authenticated"
INSTANCE = "00000000-0000-0000-0000-000000000000"
# Casts make the values the same through a cursor of Django, which registers its own JSON reader.
COLUMNS = """id::text, coalesce(aud, ''), coalesce(role, ''), coalesce(email, ''),
    coalesce(encrypted_password, ''), coalesce(email_change, ''), email_change_confirm_status,
    coalesce(raw_app_meta_data, '{}')::text, coalesce(raw_user_meta_data, '{}')::text,
    email_confirmed_at, invited_at, confirmation_sent_at, recovery_sent_at, email_change_sent_at,
    reauthentication_sent_at, last_sign_in_at, created_at, updated_at, banned_until, deleted_at,
    is_anonymous"""


class EmailTaken(Exception):
    """Another account has this address, or this id."""


@dataclass(frozen=True)
class User:
    """One row of ``auth.users``; the metadata are decoded."""

    id: UUID
    aud: str
    role: str
    email: str
    encrypted_password: str
    email_change: str
    email_change_confirm_status: int
    app_metadata: dict[str, Any]
    user_metadata: dict[str, Any]
    email_confirmed_at: datetime | None
    invited_at: datetime | None
    confirmation_sent_at: datetime | None
    recovery_sent_at: datetime | None
    email_change_sent_at: datetime | None
    reauthentication_sent_at: datetime | None
    last_sign_in_at: datetime | None
    created_at: datetime
    updated_at: datetime
    banned_until: datetime | None
    deleted_at: datetime | None
    is_anonymous: bool

    def is_banned(self, at: datetime) -> bool:
        """Whether a ban is in force at ``at``."""
        return self.banned_until is not None and self.banned_until > at


def create_user(
    cursor: Cursor,
    *,
    email: str,
    password_hash: str | None = None,
    user_metadata: dict[str, Any] | None = None,
    app_metadata: dict[str, Any] | None = None,
    role: str = "authenticated",
    confirmed: bool = True,
    id: UUID | None = None,
    at: datetime | None = None,
) -> User:
    """Makes an account with its e-mail identity; ``password_hash`` is Django's encoding.

    Raises EmailTaken when address or id is in use; the transaction stays usable.
    """
    at, user_id = at or datetime.now(UTC), id or uuid.uuid4()
    app_metadata = {"provider": "email", "providers": ["email"], **(app_metadata or {})}
    columns = {
        "instance_id": INSTANCE,
        "id": str(user_id),
        "aud": AUDIENCE,
        "role": role,
        "email": email.lower(),
        "encrypted_password": password_hash or "",
        "email_confirmed_at": at if confirmed else None,
        "raw_app_meta_data": json.dumps(app_metadata),
        "raw_user_meta_data": json.dumps(user_metadata or {}),
        "created_at": at,
        "updated_at": at,
    }
    _insert(cursor, columns)
    identities.create(cursor, user_id, email.lower(), confirmed=confirmed, at=at)
    return get(cursor, user_id)


def _insert(cursor: Cursor, columns: dict[str, Any]) -> None:
    names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
    statement = f"insert into auth.users ({names}) values ({places}) on conflict do nothing"
    cursor.execute(statement, tuple(columns.values()))
    if cursor.rowcount == 0:
        raise EmailTaken


def find(cursor: Cursor, user_id: UUID, *, lock: bool = False) -> User | None:
    """The account, if it is there; ``lock`` keeps others from changing it until the commit."""
    return _one(cursor, "id = %s", str(user_id), lock)


def find_by_email(cursor: Cursor, email: str, *, lock: bool = False) -> User | None:
    """The account with this address, however it was capitalised."""
    return _one(cursor, "email = %s and not is_sso_user", email.lower(), lock)


def get(cursor: Cursor, user_id: UUID) -> User:
    """The account as it is now; it must be there."""
    user = find(cursor, user_id)
    assert user is not None
    return user


def update(cursor: Cursor, user_id: UUID, *, at: datetime, **columns: Any) -> User:
    """Writes the named columns (dicts as JSON) and returns the account after it."""
    values = [json.dumps(value) if isinstance(value, dict) else value for value in columns.values()]
    names = "".join(f", {name} = %s" for name in columns)
    cursor.execute(f"update auth.users set updated_at = %s{names} where id = %s", (at, *values, str(user_id)))
    return get(cursor, user_id)


def merge_metadata(stored: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """``given`` over ``stored``, key by key; a null removes its key, as in Supabase Auth."""
    merged = {**stored, **given}
    return {key: value for key, value in merged.items() if value is not None}


def confirm(cursor: Cursor, user: User, *, at: datetime) -> User:
    """Marks the address as verified, in the account and in its identity."""
    identities.merge(cursor, user.id, {"email_verified": True}, at=at)
    return update(
        cursor,
        user.id,
        at=at,
        email_confirmed_at=user.email_confirmed_at or at,
        raw_user_meta_data={**user.user_metadata, "email_verified": True},
    )


def change_email(cursor: Cursor, user: User, email: str, *, at: datetime) -> User:
    """Gives the account a new address and ends a pending change.

    The unique index answers an address in use with psycopg2's UniqueViolation.
    """
    identities.merge(cursor, user.id, {"email": email}, at=at)
    metadata = user.user_metadata
    if "email" in metadata:
        metadata = {**metadata, "email": email}
    return update(
        cursor,
        user.id,
        at=at,
        email=email,
        email_change="",
        email_change_confirm_status=0,
        raw_user_meta_data=metadata,
    )


def page(cursor: Cursor, *, limit: int, offset: int) -> tuple[list[User], int]:
    """Accounts, newest first, and how many there are in all."""
    cursor.execute("select count(*) from auth.users")
    total = (cursor.fetchone() or (0,))[0]
    cursor.execute(
        f"select {COLUMNS} from auth.users order by created_at desc, id limit %s offset %s",
        (limit, offset),
    )
    return [_user(row) for row in cursor.fetchall()], total


def delete(cursor: Cursor, user_id: UUID) -> None:
    """Removes the account; identities, sessions and codes go with it."""
    cursor.execute("delete from auth.users where id = %s", (str(user_id),))


def soft_delete(cursor: Cursor, user: User, *, at: datetime) -> None:
    """Keeps the row and its id; the address becomes a hash, so that it can be used again."""
    hidden = hashlib.sha256(f"{user.id}{user.email}".encode()).hexdigest()
    identities.delete(cursor, user.id)
    update(
        cursor,
        user.id,
        at=at,
        email=hidden,
        encrypted_password="",
        email_change="",
        raw_user_meta_data={},
        raw_app_meta_data={},
        deleted_at=at,
    )


def _one(cursor: Cursor, condition: str, value: str, lock: bool) -> User | None:
    # "No key" leaves the foreign keys of other tables free to point here meanwhile.
    suffix = " for no key update" if lock else ""
    cursor.execute(f"select {COLUMNS} from auth.users where {condition}{suffix}", (value,))
    row = cursor.fetchone()
    return _user(row) if row else None


def _user(row: tuple[Any, ...]) -> User:
    id, *texts, app_metadata, user_metadata = row[:9]
    values = [UUID(id), *texts, json.loads(app_metadata), json.loads(user_metadata), *row[9:]]
    return User(*values)
