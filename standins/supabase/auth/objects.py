"""The JSON objects of users and sessions. Absent values are omitted, because the clients reject null."""

import json
from datetime import UTC, datetime
from typing import Any

from standins.supabase.auth import factors, sessions, users
from standins.supabase.auth.factors import Factor
from standins.supabase.auth.sessions import Session
from standins.supabase.auth.users import User
from standins.supabase.config import Config
from standins.supabase.pool import Cursor

INSTANTS = (
    *("email_confirmed_at", "confirmation_sent_at", "recovery_sent_at", "email_change_sent_at"),
    *("last_sign_in_at", "created_at", "updated_at", "banned_until", "deleted_at"),
)


def rfc3339(instant: datetime) -> str:
    """The instant in UTC, in the format of RFC 3339 with the suffix Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def user_object(cursor: Cursor, user: User) -> dict[str, Any]:
    instants = {name: getattr(user, name) for name in INSTANTS}
    instants["confirmed_at"] = user.email_confirmed_at
    found = {
        "id": str(user.id),
        "aud": user.aud,
        "role": user.role,
        "email": user.email,
        "phone": "",
        "app_metadata": user.app_metadata,
        "user_metadata": user.user_metadata,
        "identities": [_identity_object(user, row) for row in users.identities(cursor, user.id)],
        "is_anonymous": user.is_anonymous,
    }
    if enrolled := factors.of_user(cursor, user.id):
        found["factors"] = [_factor_object(factor) for factor in enrolled]
    if user.email_change:
        found["new_email"] = user.email_change
    return found | {name: rfc3339(value) for name, value in instants.items() if value}


def session_object(
    cursor: Cursor, config: Config, user: User, session: Session, refresh_token: str, *, at: datetime
) -> dict[str, Any]:
    """The response to a sign-in or a refresh, with a new access token."""
    lifetime = sessions.LIFETIME_SECONDS
    return {
        "access_token": sessions.access_token(config.keys, config.issuer, user, session, at=at),
        "token_type": "bearer",
        "expires_in": lifetime,
        "expires_at": int(at.timestamp()) + lifetime,
        "refresh_token": refresh_token,
        "user": user_object(cursor, user),
    }


def _factor_object(factor: Factor) -> dict[str, Any]:
    return {
        "id": str(factor.id),
        "friendly_name": factor.friendly_name,
        "factor_type": factor.type,
        "status": factor.status,
        "created_at": rfc3339(factor.created_at),
        "updated_at": rfc3339(factor.updated_at),
    }


def _identity_object(user: User, row: tuple[Any, ...]) -> dict[str, Any]:
    identity_id, provider_id, data, provider, last_sign_in_at, created_at, updated_at, email = row
    return {
        "identity_id": identity_id,
        "id": provider_id,
        "user_id": str(user.id),
        "identity_data": json.loads(data),
        "provider": provider,
        "last_sign_in_at": rfc3339(last_sign_in_at or created_at),
        "created_at": rfc3339(created_at),
        "updated_at": rfc3339(updated_at),
        "email": email or "",
    }
