"""Verification of access tokens as in accounts/integrations/access_tokens.py, with the same memory."""

import hashlib
import threading
import time
from collections import OrderedDict
from typing import NamedTuple
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from benchmarks.speed.peers import settings

KEY = load_pem_public_key(settings.PUBLIC_KEY.encode())
ISSUER = f"{settings.SUPABASE_URL}/auth/v1"
REQUIRED_CLAIMS = ["iss", "sub", "aud", "role", "exp", "iat", "session_id"]
CLOCK_SKEW_SECONDS = 10
REFUSED = (jwt.PyJWTError, KeyError, ValueError)


class Claims(NamedTuple):
    sub: UUID
    session_id: UUID
    email: str
    expires_at: float


_memory: OrderedDict[bytes, Claims] = OrderedDict()
_lock = threading.Lock()


def verify(token: str) -> Claims:
    """The claims of a valid token. Raises one of REFUSED."""
    digest = hashlib.sha256(token.encode()).digest()
    with _lock:
        known = _memory.get(digest)
        if known is not None and known.expires_at > time.time() - CLOCK_SKEW_SECONDS:
            _memory.move_to_end(digest)
            return known
    claims = _verified(token)
    with _lock:
        _memory[digest] = claims
        while len(_memory) > settings.TOKEN_MEMORY:
            _memory.popitem(last=False)
    return claims


def _verified(token: str) -> Claims:
    if jwt.get_unverified_header(token)["alg"] != "ES256":
        raise jwt.InvalidAlgorithmError
    payload = jwt.decode(
        token,
        KEY,
        algorithms=["ES256", "RS256"],
        audience="authenticated",
        issuer=ISSUER,
        leeway=CLOCK_SKEW_SECONDS,
        options={"require": REQUIRED_CLAIMS, "strict_aud": True},
    )
    if payload["role"] != "authenticated" or "client_id" in payload or payload.get("is_anonymous"):
        raise jwt.InvalidTokenError
    return Claims(
        UUID(payload["sub"]), UUID(payload["session_id"]), payload.get("email", ""), float(payload["exp"])
    )
