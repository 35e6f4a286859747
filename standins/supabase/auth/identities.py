"""How an account signs in: its e-mail row in ``auth.identities``."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from standins.supabase.pool import Cursor


def create(cursor: Cursor, user_id: UUID, email: str, *, confirmed: bool, at: datetime) -> None:
    """Gives a new account its e-mail identity."""
    data = {
        "sub": str(user_id),
        "email": email,
        "email_verified": confirmed,
        "phone_verified": False,
    }
    cursor.execute(
        """insert into auth.identities (provider_id, user_id, identity_data, provider,
             last_sign_in_at, created_at, updated_at) values (%s, %s, %s, 'email', %s, %s, %s)""",
        (str(user_id), str(user_id), json.dumps(data), at, at, at),
    )


def merge(cursor: Cursor, user_id: UUID, data: dict[str, Any], *, at: datetime) -> None:
    """Writes ``data`` over what the identity says."""
    cursor.execute(
        """update auth.identities set identity_data = identity_data || %s::jsonb, updated_at = %s
           where user_id = %s and provider = 'email'""",
        (json.dumps(data), at, str(user_id)),
    )


def of_user(cursor: Cursor, user_id: UUID) -> list[tuple[Any, ...]]:
    """Rows of id, provider id, data (JSON text), provider, last sign-in, created, updated, email."""
    cursor.execute(
        """select id::text, provider_id, identity_data::text, provider, last_sign_in_at, created_at,
             updated_at, email from auth.identities where user_id = %s order by created_at, id""",
        (str(user_id),),
    )
    return cursor.fetchall()


def delete(cursor: Cursor, user_id: UUID) -> None:
    """Leaves the account no way to sign in."""
    cursor.execute("delete from auth.identities where user_id = %s", (str(user_id),))
