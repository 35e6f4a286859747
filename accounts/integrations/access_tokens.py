"""Verification of Supabase access tokens, without a request to Supabase.

Source of the rules: supabase.com/docs/guides/auth/jwts and RFC 8725 (JWT best current practices).
"""

import json
import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings
from jwt.utils import base64url_decode

from accounts.errors import InvalidToken, TokenExpired, TokenTooLarge
from accounts.integrations import jwks
from accounts.integrations.verified_tokens import Verified, VerifiedTokens
from accounts.values.plain_text import storable

MAX_TOKEN_LENGTH = 8 * 1024
MAX_REMEMBERED_LENGTH = 4 * 1024  # a longer token has much metadata, which would fill the memory
MAX_EMAIL_LENGTH = 255
CLOCK_SKEW_SECONDS = 10
# The longest lifetime that Supabase allows for an access token. Revocations are kept as long.
MAX_LIFETIME = timedelta(days=7)
AUDIENCE = ROLE = "authenticated"
LAST_SECOND = int(datetime.max.replace(tzinfo=UTC).timestamp()) - 1
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

    ``methods`` maps each sign-in method to its latest instant, or to None if the token states none. The
    instant may be in the future, see ``is_possible``.
    ``aal`` is the assurance level, ``aal2`` after the second factor.
    """

    sub: UUID
    session_id: UUID
    email: str
    issued_at: datetime
    methods: dict[str, datetime | None]
    aal: str
    metadata: dict[str, Any]  # The user writes it: never base a permission on it.

    def is_possible(self, sign_in: datetime) -> bool:
        """Whether a sign-in at this instant may precede the token, as far as clocks agree."""
        return sign_in <= self.issued_at + timedelta(seconds=CLOCK_SKEW_SECONDS)


def verify(token: str) -> Claims:
    """Verifies a user's access token and returns its claims.

    Raises TokenExpired; InvalidToken, with the reason as its cause, for any other token that is not
    accepted; KeysUnavailable if the signing keys cannot be fetched.

    A token of at most MAX_REMEMBERED_LENGTH is remembered until it expires. Its signature is verified
    again after each fetch of the signing keys.
    """
    if len(token) > MAX_TOKEN_LENGTH:
        raise TokenTooLarge
    try:
        known = _memory().get(token)
        if known is None or not _holds(known):
            known = _verified(token)
            if len(token) <= MAX_REMEMBERED_LENGTH:
                _memory().add(token, known)
        claims: Claims = known.claims
        return claims
    except jwt.ExpiredSignatureError:
        raise TokenExpired from None
    except MALFORMED as reason:
        raise InvalidToken from reason


@lru_cache
def _memory() -> VerifiedTokens:
    return VerifiedTokens(settings.SUPABASE_TOKEN_MEMORY)


def _holds(known: Verified) -> bool:
    """Whether a remembered token has not expired, and its key is still the project's key of that id."""
    current = known.expires_at > time.time() - CLOCK_SKEW_SECONDS
    return current and _key(known.algorithm, known.key_id) is known.key


def _verified(token: str) -> Verified:
    """Verifies the signature and the claims of ``token``."""
    header = json.loads(base64url_decode(token.partition(".")[0]))  # jwt.decode validates it
    algorithm, key_id = header["alg"], header.get("kid")
    key = _key(algorithm, key_id)
    payload = jwt.decode(
        token,
        key,
        algorithms=settings.SUPABASE_JWT_ALGORITHMS,
        audience=AUDIENCE,
        issuer=settings.SUPABASE_JWT_ISSUER,
        leeway=CLOCK_SKEW_SECONDS,
        options={"require": REQUIRED_CLAIMS, "strict_aud": True},
    )
    return Verified(_user_claims(payload), float(payload["exp"]), algorithm, key_id, key)


def _key(algorithm: str, key_id: Any) -> Any:
    """The key with this id. The algorithm must be in our list and must be the key's own."""
    if algorithm not in settings.SUPABASE_JWT_ALGORITHMS:
        raise InvalidToken
    if algorithm == "HS256":
        return settings.SUPABASE_JWT_SECRET
    if key_id is None:
        raise InvalidToken
    key = jwks.store_of(settings.SUPABASE_URL).key(key_id)
    if key is None or key.algorithm_name != algorithm:
        raise InvalidToken
    return key


def _user_claims(payload: dict[str, Any]) -> Claims:
    """The claims of a user. Refuses tokens of anonymous users and of third-party OAuth clients."""
    if payload["role"] != ROLE or "client_id" in payload or payload.get("is_anonymous"):
        raise InvalidToken
    metadata, aal, issued_at = payload.get("user_metadata"), payload.get("aal"), _instant(payload["iat"])
    if _instant(payload["exp"]) - issued_at > MAX_LIFETIME:
        raise InvalidToken
    return Claims(
        sub=UUID(_text(payload["sub"])),
        session_id=UUID(_text(payload["session_id"])),
        email=_text(payload.get("email", ""), MAX_EMAIL_LENGTH),
        issued_at=issued_at,
        methods=_methods(payload.get("amr")),
        aal=aal if isinstance(aal, str) else "",
        metadata=metadata if isinstance(metadata, dict) else {},
    )


def _text(value: Any, max_length: int = MAX_TOKEN_LENGTH) -> str:
    """Returns ``value``. Raises ValueError if it is no string, is too long, or cannot be stored."""
    if not isinstance(value, str) or len(value) > max_length or storable(value) != value:
        raise ValueError
    return value


def _methods(amr: Any) -> dict[str, datetime | None]:
    """The latest instant of each sign-in method in the claim ``amr``. A refresh is not a sign-in.

    Supabase's entries are {method, timestamp}; RFC 8176 has strings. The instant is None if an entry
    has none. Entries of another form are ignored.
    """
    methods: dict[str, datetime | None] = {}
    for entry in amr if isinstance(amr, list) else [amr]:
        method = entry.get("method") if isinstance(entry, dict) else entry
        if not isinstance(method, str) or method == "token_refresh":
            continue
        instant = _instant_or_none(entry.get("timestamp") if isinstance(entry, dict) else None)
        known = methods.get(method)
        methods[method] = max(known, instant) if known and instant else known or instant
    return methods


def _instant_or_none(seconds: Any) -> datetime | None:
    """The instant, or None for a value that is not a positive number of Unix seconds.

    A number beyond the calendar is its last instant, and therefore in the future.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | str):
        return None
    try:
        number = float(seconds)
    except ValueError:
        return None
    except OverflowError:  # an integer of hundreds of digits
        number = math.inf if int(seconds) > 0 else 0
    return _instant(min(number, LAST_SECOND)) if number > 0 else None


def _instant(seconds: Any) -> datetime:
    """The instant of a number of Unix seconds. Raises ValueError or OverflowError for anything else."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ValueError
    return datetime.fromtimestamp(int(seconds), UTC)
