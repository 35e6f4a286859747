"""Second factors: authenticator apps (TOTP), in ``auth.mfa_factors`` and ``auth.mfa_challenges``.

Codes follow RFC 6238 with its defaults (SHA-1, 30 seconds) and six digits.
"""

import base64
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from standins.supabase.pool import Cursor

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
CHALLENGE_LIFETIME = timedelta(minutes=5)
COLUMNS = (
    "id::text, coalesce(friendly_name, ''), factor_type::text, status::text, secret, created_at, updated_at"
)


@dataclass(frozen=True)
class Factor:
    """One authenticator app; ``status`` is ``unverified`` or ``verified``."""

    id: UUID
    friendly_name: str
    type: str
    status: str
    secret: str
    created_at: datetime
    updated_at: datetime


def code_at(secret: str, at: datetime) -> str:
    """The code of a base32 secret at an instant."""
    counter = int(at.timestamp()) // STEP_SECONDS
    digest = hmac.digest(base64.b32decode(secret), counter.to_bytes(8, "big"), hashlib.sha1)
    start = digest[-1] & 0x0F  # RFC 4226, section 5.3
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def accepts(factor: Factor, code: str, at: datetime) -> bool:
    """Whether ``code`` is the current, the previous or the next code, because clocks differ."""
    steps = (timedelta(seconds=STEP_SECONDS * shift) for shift in (-1, 0, 1))
    shown = (code_at(factor.secret, at + step).encode() for step in steps)
    return any(hmac.compare_digest(candidate, code.encode()) for candidate in shown)


def enroll(cursor: Cursor, user_id: UUID, friendly_name: str, *, at: datetime) -> Factor:
    """Creates an unverified factor. Raises psycopg2.errors.UniqueViolation if the name is in use."""
    factor_id, secret = uuid.uuid4(), base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
    cursor.execute(
        """insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, secret,
             created_at, updated_at) values (%s, %s, %s, 'totp', 'unverified', %s, %s, %s)""",
        (str(factor_id), str(user_id), friendly_name, secret, at, at),
    )
    return Factor(factor_id, friendly_name, "totp", "unverified", secret, at, at)


def of_user(cursor: Cursor, user_id: UUID) -> list[Factor]:
    cursor.execute(
        f"select {COLUMNS} from auth.mfa_factors where user_id = %s order by created_at, id", (str(user_id),)
    )
    return [Factor(UUID(id), *rest) for id, *rest in cursor.fetchall()]


def verify(cursor: Cursor, factor: Factor, user_id: UUID, *, at: datetime) -> None:
    """Marks the factor as verified and deletes the account's unverified factors."""
    cursor.execute(
        "update auth.mfa_factors set status = 'verified', updated_at = %s where id = %s", (at, str(factor.id))
    )
    cursor.execute(
        "delete from auth.mfa_factors where user_id = %s and status = 'unverified'", (str(user_id),)
    )


def remove(cursor: Cursor, factor: Factor) -> None:
    cursor.execute("delete from auth.mfa_factors where id = %s", (str(factor.id),))


def challenge(cursor: Cursor, factor: Factor, *, at: datetime) -> UUID:
    """Creates a challenge, which expires after CHALLENGE_LIFETIME."""
    challenge_id = uuid.uuid4()
    cursor.execute(
        "insert into auth.mfa_challenges (id, factor_id, created_at) values (%s, %s, %s)",
        (str(challenge_id), str(factor.id), at),
    )
    return challenge_id


def use_challenge(cursor: Cursor, factor: Factor, challenge_id: UUID, *, at: datetime) -> datetime | None:
    """Marks an unused challenge as used; returns its creation time. None if it is used or unknown."""
    cursor.execute(
        """update auth.mfa_challenges set verified_at = %s
           where id = %s and factor_id = %s and verified_at is null returning created_at""",
        (at, str(challenge_id), str(factor.id)),
    )
    row = cursor.fetchone()
    return row[0] if row else None
