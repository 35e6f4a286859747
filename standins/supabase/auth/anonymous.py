"""Accounts without an address: whoever has the session is the owner, until an address is added.

Supabase docs, "Anonymous sign-ins": their tokens carry role ``authenticated`` like everybody's, and
``is_anonymous``.
"""

import json
import uuid
from datetime import datetime
from typing import Any

from standins.supabase.auth import identities, users
from standins.supabase.auth.users import User
from standins.supabase.pool import Cursor


def create(cursor: Cursor, user_metadata: dict[str, Any], *, at: datetime) -> User:
    """Makes an account that nothing identifies."""
    user_id = uuid.uuid4()
    cursor.execute(
        """insert into auth.users (instance_id, id, aud, role, encrypted_password, is_anonymous,
             raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
           values ('00000000-0000-0000-0000-000000000000', %s, %s, 'authenticated', '', true,
             '{}', %s, %s, %s)""",
        (str(user_id), users.AUDIENCE, json.dumps(user_metadata), at, at),
    )
    return users.get(cursor, user_id)


def identify(cursor: Cursor, user: User, email: str, *, at: datetime) -> User:
    """Makes ``user`` an ordinary account with this verified address."""
    identities.create(cursor, user.id, email, confirmed=True, at=at)
    return users.update(
        cursor,
        user.id,
        at=at,
        email=email,
        email_change="",
        email_change_confirm_status=0,
        email_confirmed_at=at,
        is_anonymous=False,
        raw_app_meta_data={**user.app_metadata, "provider": "email", "providers": ["email"]},
    )
