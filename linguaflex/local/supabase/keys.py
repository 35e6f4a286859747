"""The API keys and the token-signing key of one data directory.

Publishable and secret API keys are opaque strings and no JWTs (Supabase docs, "API keys");
access tokens are signed with ES256 and verified through the JWKS (RFC 7517, RFC 7518 section 6.2).
"""

import base64
import fcntl
import json
import os
import secrets
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ImproperlyConfigured

FILE_NAME = "supabase-keys.json"
# Public by nature (every browser holds it), so a fixed one spares frontends a lookup.
PUBLISHABLE_KEY = "sb_publishable_linguaflex_local"
COORDINATE_BYTES = 32


@dataclass(frozen=True)
class Keys:
    """What identifies callers of the stand-in and what signs its access tokens."""

    publishable_key: str
    secret_key: str = field(repr=False)
    kid: str
    private_key: ec.EllipticCurvePrivateKey = field(repr=False)

    def sign(self, claims: Mapping[str, Any]) -> str:
        """The claims as a JWT whose header carries alg, kid and typ.

        Letters of every script stand as they are, as in Supabase Auth: a token has a limited size.
        """
        payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
        return jwt.PyJWS().encode(payload, self.private_key, algorithm="ES256", headers={"kid": self.kid})

    def verify(self, token: str) -> dict[str, Any]:
        """The claims of an unexpired token of this key; raises jwt.PyJWTError or ValueError.

        Issuer and audience go unchecked, as in Supabase Auth itself.
        """
        return jwt.decode(
            token,
            self.public_key,
            algorithms=["ES256"],
            options={"verify_aud": False, "verify_iss": False, "require": ["exp"]},
        )

    @cached_property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Verifies what this key signs."""
        return self.private_key.public_key()

    def jwks(self) -> dict[str, Any]:
        """The public key as a JSON Web Key Set."""
        point = self.public_key.public_numbers()
        key = {
            "kty": "EC",
            "crv": "P-256",
            "x": _base64url(point.x),
            "y": _base64url(point.y),
            "kid": self.kid,
            "alg": "ES256",
            "use": "sig",
            "key_ops": ["verify"],
        }
        return {"keys": [key]}


def load_or_create(directory: Path) -> Keys:
    """The keys of ``directory``, made at the first call; the directory is made if missing.

    Raises ImproperlyConfigured when the file is there but holds no keys.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / FILE_NAME
    with _locked(directory):
        if not path.exists():
            _write_new(path)
    return _read(path)


def generate() -> Keys:
    """New keys that are stored nowhere."""
    return Keys(
        publishable_key=PUBLISHABLE_KEY,
        secret_key=f"sb_secret_{secrets.token_urlsafe(24)}",
        kid=str(uuid.uuid4()),
        private_key=ec.generate_private_key(ec.SECP256R1()),
    )


def _read(path: Path) -> Keys:
    try:
        stored = json.loads(path.read_text())
        private_key = serialization.load_pem_private_key(stored["private_key"].encode(), None)
        assert isinstance(private_key, ec.EllipticCurvePrivateKey)
        assert isinstance(private_key.curve, ec.SECP256R1)
        keys = Keys(PUBLISHABLE_KEY, stored["secret_key"], stored["kid"], private_key)
        assert keys.secret_key.startswith("sb_secret_") and isinstance(keys.kid, str)
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError):
        raise ImproperlyConfigured(
            f"{path} does not hold the stand-in's keys: delete it to get new ones"
            " (everybody has to sign in again)."
        ) from None
    return keys


def _write_new(path: Path) -> None:
    """Writes whole or not at all: a process killed halfway leaves no broken file."""
    keys = generate()
    pem = keys.private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    stored = {"secret_key": keys.secret_key, "kid": keys.kid, "private_key": pem.decode()}
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(stored, file, indent=2)
    draft.replace(path)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """One process at a time; the kernel drops the lock of a killed one."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _base64url(number: int) -> str:
    octets = number.to_bytes(COORDINATE_BYTES, "big")
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
