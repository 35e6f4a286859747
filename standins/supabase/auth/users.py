"""Accounts: the rows of ``auth.users`` with their e-mail identity in ``auth.identities``.

The functions accept cursors of psycopg2 and of Django; the transaction belongs to the caller. To prevent
deadlocks, a caller that changes an account and its sessions or codes must lock the account first.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from standins.supabase.pool import Cursor

AUDIENCE = "authenticated"
APP_METADATA = {"provider": "email", "providers": ["email"]}
INSTANCE = "00000000-0000-0000-0000-000000000000"
# JSON is cast to text, because Django's cursors and psycopg2's return jsonb differently.
COLUMNS = """id::text, coalesce(aud, ''), coalesce(role, ''), coalesce(email, ''),
    coalesce(encrypted_password, ''), coalesce(email_change, ''), email_change_confirm_status,
    coalesce(raw_app_meta_data, '{}')::text, coalesce(raw_user_meta_data, '{}')::text,
    email_confirmed_at, confirmation_sent_at, recovery_sent_at, email_change_sent_at,
    last_sign_in_at, created_at, updated_at, banned_until, deleted_at, is_anonymous"""


class EmailTaken(Exception):
    """Another account has this address or this id."""


@dataclass(frozen=True)
class User:
    """One row of ``auth.users``, with decoded metadata."""

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
    confirmation_sent_at: datetime | None
    recovery_sent_at: datetime | None
    email_change_sent_at: datetime | None
    last_sign_in_at: datetime | None
    created_at: datetime
    updated_at: datetime
    banned_until: datetime | None
    deleted_at: datetime | None
    is_anonymous: bool

    def is_banned(self, at: datetime) -> bool:
        return self.banned_until is not None and self.banned_until > at


def create_user(
    cursor: Cursor,
    *,
    email: str,
    password_hash: str = "",
    user_metadata: dict[str, Any] | None = None,
    confirmed: bool = True,
    id: UUID | None = None,
    at: datetime | None = None,
) -> User:
    """Creates an account with its e-mail identity.

    Raises EmailTaken if the address or the id is in use. The transaction remains usable.
    """
    at, user_id, email = at or datetime.now(UTC), id or uuid.uuid4(), email.lower()
    cursor.execute(
        """insert into auth.users (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at,
             raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
           values (%s, %s, %s, 'authenticated', %s, %s, %s, %s, %s, %s, %s) on conflict do nothing""",
        (
            *(INSTANCE, str(user_id), AUDIENCE, email, password_hash, at if confirmed else None),
            *(json.dumps(APP_METADATA), json.dumps(user_metadata or {}), at, at),
        ),
    )
    if cursor.rowcount == 0:
        raise EmailTaken
    cursor.execute(
        """insert into auth.identities (provider_id, user_id, identity_data, provider,
             last_sign_in_at, created_at, updated_at) values (%s, %s, %s, 'email', %s, %s, %s)""",
        (str(user_id), str(user_id), json.dumps(identity(user_id, email, confirmed)), at, at, at),
    )
    return get(cursor, user_id)


def identity(user_id: UUID, email: str, confirmed: bool) -> dict[str, Any]:
    """The data of an identity. At sign-up, Supabase Auth also adds them to the user's metadata."""
    return {"sub": str(user_id), "email": email, "email_verified": confirmed, "phone_verified": False}


def find(cursor: Cursor, user_id: UUID, *, lock: bool = False) -> User | None:
    """The account with this id; ``lock`` locks its row until the end of the transaction."""
    return _find(cursor, "id = %s", str(user_id), lock)


def find_by_email(cursor: Cursor, email: str, *, lock: bool = False) -> User | None:
    """The account with this address, regardless of upper and lower case; ``lock`` as in ``find``."""
    return _find(cursor, "email = %s and not is_sso_user", email.lower(), lock)


def get(cursor: Cursor, user_id: UUID) -> User:
    """The account with this id, which must exist."""
    user = find(cursor, user_id)
    assert user is not None
    return user


def update(cursor: Cursor, user_id: UUID, *, at: datetime, **columns: Any) -> User:
    """Sets ``columns``, dicts as JSON, and ``updated_at``; returns the new row."""
    values = [json.dumps(value) if isinstance(value, dict) else value for value in columns.values()]
    names = "".join(f", {name} = %s" for name in columns)
    cursor.execute(f"update auth.users set updated_at = %s{names} where id = %s", (at, *values, str(user_id)))
    return get(cursor, user_id)


def merge_metadata(stored: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """``stored`` with the keys of ``given``. A null in ``given`` removes the key, as in Supabase Auth."""
    merged = {**stored, **given}
    return {key: value for key, value in merged.items() if value is not None}


def confirm(cursor: Cursor, user: User, *, at: datetime) -> User:
    """Marks the address as verified, in the account and in its identity."""
    _update_identity(cursor, user.id, {"email_verified": True}, at=at)
    return update(
        cursor,
        user.id,
        at=at,
        email_confirmed_at=user.email_confirmed_at or at,
        raw_user_meta_data={**user.user_metadata, "email_verified": True},
    )


def change_email(cursor: Cursor, user: User, email: str, *, at: datetime) -> User:
    """Sets the address and deletes a pending change.

    Raises psycopg2.errors.UniqueViolation if another account has the address.
    """
    _update_identity(cursor, user.id, {"email": email}, at=at)
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


def delete(cursor: Cursor, user_id: UUID) -> None:
    cursor.execute("delete from auth.users where id = %s", (str(user_id),))


def identities(cursor: Cursor, user_id: UUID) -> list[tuple[Any, ...]]:
    """The account's rows of ``auth.identities``; ``identity_data`` is JSON text."""
    cursor.execute(
        """select id::text, provider_id, identity_data::text, provider, last_sign_in_at, created_at,
             updated_at, email from auth.identities where user_id = %s order by created_at, id""",
        (str(user_id),),
    )
    return cursor.fetchall()


def _update_identity(cursor: Cursor, user_id: UUID, data: dict[str, Any], *, at: datetime) -> None:
    cursor.execute(
        """update auth.identities set identity_data = identity_data || %s::jsonb, updated_at = %s
           where user_id = %s and provider = 'email'""",
        (json.dumps(data), at, str(user_id)),
    )


def _find(cursor: Cursor, condition: str, value: str, lock: bool) -> User | None:
    # "no key update" does not block the insertion of rows with a foreign key to this one.
    suffix = " for no key update" if lock else ""
    cursor.execute(f"select {COLUMNS} from auth.users where {condition}{suffix}", (value,))
    row = cursor.fetchone()
    if row is None:
        return None
    id, *texts, app_metadata, user_metadata = row[:9]
    values = [UUID(id), *texts, json.loads(app_metadata), json.loads(user_metadata), *row[9:]]
    return User(*values)
