"""Verification of Supabase access tokens, without a request to Supabase.

Source of the rules: supabase.com/docs/guides/auth/jwts and RFC 8725 (JWT best current practices).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings

from accounts.errors import InvalidToken, TokenExpired, TokenTooLarge
from accounts.integrations import jwks
from accounts.values.plain_text import storable

MAX_TOKEN_LENGTH = 8 * 1024
MAX_EMAIL_LENGTH = 255
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
    """The claims of a verified access token.

    ``methods`` maps each sign-in method to its latest instant, or to None if the token states none.
    ``aal`` is the assurance level, ``aal2`` after the second factor.
    """

    sub: UUID
    session_id: UUID
    email: str
    issued_at: datetime
    methods: dict[str, datetime | None]
    aal: str
    metadata: dict[str, Any]  # The user writes it: never base a permission on it.

    def signed_in_at(self, *among: str) -> datetime | None:
        """The instant of the latest sign-in by one of these methods, or by any method but a refresh.

        None if the token states no instant for them.
        """
        found = (self.methods[name] for name in self._sign_ins(among))
        return max((instant for instant in found if instant), default=None)

    def has_signed_in(self, *among: str) -> bool:
        """Whether the session began with one of these methods, or whether no method is required."""
        return not among or bool(self._sign_ins(among))

    def _sign_ins(self, among: tuple[str, ...]) -> set[str]:
        return (set(among) or set(self.methods) - {"token_refresh"}) & set(self.methods)


def verify(token: str) -> Claims:
    """Verifies a user's access token and returns its claims.

    Raises TokenExpired; InvalidToken, with the reason as its cause, for any other token that is not
    accepted; KeysUnavailable if the signing keys cannot be fetched.
    """
    if len(token) > MAX_TOKEN_LENGTH:
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
    """The key that verifies ``token``. Its algorithm must be in our list and must be the key's own."""
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
    """The claims of a user. Refuses tokens of anonymous users and of third-party OAuth clients."""
    if payload["role"] != ROLE or "client_id" in payload or payload.get("is_anonymous"):
        raise InvalidToken
    metadata, issued_at = payload.get("user_metadata"), _instant(payload["iat"])
    return Claims(
        sub=UUID(_text(payload["sub"])),
        session_id=UUID(_text(payload["session_id"])),
        email=_text(payload.get("email", ""), MAX_EMAIL_LENGTH),
        issued_at=issued_at,
        methods=_methods(payload.get("amr"), latest=issued_at + timedelta(seconds=CLOCK_SKEW_SECONDS)),
        aal=str(payload.get("aal")),
        metadata=metadata if isinstance(metadata, dict) else {},
    )


def _text(value: Any, max_length: int = MAX_TOKEN_LENGTH) -> str:
    """Returns ``value``. Raises ValueError if it is no string, is too long, or cannot be stored."""
    if not isinstance(value, str) or len(value) > max_length or storable(value) != value:
        raise ValueError
    return value


def _methods(amr: Any, *, latest: datetime) -> dict[str, datetime | None]:
    """The latest instant of each method in the claim ``amr``.

    Supabase's entries are {method, timestamp}; RFC 8176 has strings. The instant is None if an entry
    has none, or one that is later than ``latest``. Entries of another form are ignored.
    """
    methods: dict[str, datetime | None] = {}
    for entry in amr if isinstance(amr, list) else [amr]:
        method = entry.get("method") if isinstance(entry, dict) else entry
        if not isinstance(method, str):
            continue
        instant = _instant_or_none(entry.get("timestamp") if isinstance(entry, dict) else None)
        if instant and instant > latest:
            instant = None
        known = methods.get(method)
        methods[method] = max(known, instant) if known and instant else known or instant
    return methods


def _instant_or_none(seconds: Any) -> datetime | None:
    """The instant, or None for a value that is not a positive number of Unix seconds."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | str):
        return None
    try:
        return _instant(float(seconds)) if float(seconds) > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def _instant(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
