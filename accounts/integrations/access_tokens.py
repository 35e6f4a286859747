"""Supabase access tokens: verified here, without a call, into Claims.

Source of the rules: supabase.com/docs/guides/auth/jwts and RFC 8725 (JWT best current practices).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings

from accounts.errors import InvalidToken, TokenExpired, TokenTooLarge
from accounts.integrations import jwks

LONGEST_TOKEN = 8 * 1024
LONGEST_EMAIL = 255
CLOCK_SKEW_SECONDS = 10
AUDIENCE = ROLE = "authenticated"
REQUIRED_CLAIMS = ["iss", "sub", "aud", "role", "exp", "iat", "session_id"]
MALFORMED = (
    jwt.PyJWTError,
    ValueError,
    TypeError,
    KeyError,
    OverflowError,
    RecursionError,
)


@dataclass(frozen=True)
class Claims:
    """What a verified access token says; ``methods`` maps each sign-in method to its instant."""

    sub: UUID
    session_id: UUID
    email: str
    issued_at: datetime
    methods: dict[str, datetime]
    metadata: dict[str, Any]  # written by the user: never to be authorised on

    def signed_in_at(self, *among: str) -> datetime | None:
        """The latest sign-in by one of these methods, or by any; refreshing is none."""
        allowed = set(among) or set(self.methods) - {"token_refresh"}
        return max((self.methods[name] for name in allowed & set(self.methods)), default=None)


def verify(token: str) -> Claims:
    """The claims of a user's access token of this project.

    Raises TokenExpired for one that is over, InvalidToken for any other that is not acceptable,
    with the reason as its cause, KeysUnavailable when it cannot be judged.
    """
    if len(token) > LONGEST_TOKEN:
        raise TokenTooLarge
    try:
        payload = jwt.decode(
            token,
            _key_for(token),
            algorithms=settings.SUPABASE_JWT_ALGORITHMS,
            audience=AUDIENCE,
            issuer=settings.SUPABASE_JWT_ISSUER,
            leeway=CLOCK_SKEW_SECONDS,
            options={"require": REQUIRED_CLAIMS, "strict_aud": True},
        )
        return _user_claims(payload)
    except jwt.ExpiredSignatureError:
        raise TokenExpired from None
    except MALFORMED as reason:
        raise InvalidToken from reason


def _key_for(token: str) -> Any:
    """The key that must have signed ``token``: its algorithm is ours to allow, not its."""
    header = jwt.get_unverified_header(token)
    algorithm = header["alg"]
    if algorithm not in settings.SUPABASE_JWT_ALGORITHMS:
        raise InvalidToken
    if algorithm == "HS256":
        return settings.SUPABASE_JWT_SECRET
    key = jwks.store_of(settings.SUPABASE_URL).key(header["kid"])
    if key is None or key.algorithm_name != algorithm:
        raise InvalidToken
    return key


def _user_claims(payload: dict[str, Any]) -> Claims:
    """Claims of a person; third-party OAuth clients' tokens and anonymous ones are refused."""
    if payload["role"] != ROLE or "client_id" in payload or payload.get("is_anonymous"):
        raise InvalidToken
    metadata = payload.get("user_metadata")
    return Claims(
        sub=UUID(_text(payload["sub"])),
        session_id=UUID(_text(payload["session_id"])),
        email=_text(payload.get("email", ""), LONGEST_EMAIL),
        issued_at=_instant(payload["iat"]),
        methods=_methods(payload.get("amr")),
        metadata=metadata if isinstance(metadata, dict) else {},
    )


def _text(value: Any, longest: int = LONGEST_TOKEN) -> str:
    """The text itself; raises ValueError for another type and for a longer one."""
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError
    return value


def _methods(amr: Any) -> dict[str, datetime]:
    """The latest instant of each method in the claim ``amr``, a list of {method, timestamp}."""
    entries = amr if isinstance(amr, list) else []
    pairs = [
        (str(entry["method"]), _instant(entry["timestamp"]))
        for entry in entries
        if isinstance(entry, dict) and {"method", "timestamp"} <= set(entry)
    ]
    return dict(sorted(pairs, key=lambda pair: pair[1]))


def _instant(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
