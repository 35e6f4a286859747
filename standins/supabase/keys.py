"""What identifies callers of the stand-in, and the keys that sign and verify its access tokens.

Publishable and secret API keys are opaque strings and no JWTs (Supabase docs, "API keys");
access tokens are signed with ES256 and verified through the JWKS (RFC 7517, RFC 7518 section 6.2).
"""

import base64
import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

# Public by nature (every browser holds it), so a fixed one spares frontends a lookup.
PUBLISHABLE_KEY = "sb_publishable_linguaflex_local"
COORDINATE_BYTES = 32


@dataclass(frozen=True)
class Verifier:
    """The public half of a signing key."""

    kid: str
    public_key: ec.EllipticCurvePublicKey

    def jwk(self) -> dict[str, Any]:
        """The key as a JSON Web Key."""
        point = self.public_key.public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": _base64url(point.x),
            "y": _base64url(point.y),
            "kid": self.kid,
            "alg": "ES256",
            "use": "sig",
            "key_ops": ["verify"],
        }


@dataclass(frozen=True)
class Keys:
    """The API keys, the key in use for signing, and those used before, which still verify."""

    publishable_key: str
    secret_key: str = field(repr=False)
    kid: str
    private_key: ec.EllipticCurvePrivateKey = field(repr=False)
    previous: tuple[Verifier, ...] = ()

    def sign(self, claims: Mapping[str, Any]) -> str:
        """The claims as a JWT whose header carries alg, kid and typ.

        Letters of every script stand as they are, as in Supabase Auth: a token has a limited size.
        """
        payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
        return jwt.PyJWS().encode(payload, self.private_key, algorithm="ES256", headers={"kid": self.kid})

    def verify(self, token: str) -> dict[str, Any]:
        """The claims of an unexpired token of one of these keys; raises jwt.PyJWTError or ValueError.

        Issuer and audience go unchecked, as in Supabase Auth itself.
        """
        kid = jwt.get_unverified_header(token).get("kid")
        key = next((each.public_key for each in self.verifiers if each.kid == kid), None)
        if key is None:
            raise jwt.InvalidKeyError("unknown key id")
        return jwt.decode(
            token,
            key,
            algorithms=["ES256"],
            options={"verify_aud": False, "verify_iss": False, "require": ["exp"]},
        )

    @cached_property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Verifies what the key in use signs."""
        return self.private_key.public_key()

    @cached_property
    def verifiers(self) -> tuple[Verifier, ...]:
        """Every key whose tokens are good, the one in use first."""
        return (Verifier(self.kid, self.public_key), *self.previous)

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JSON Web Key Set."""
        return {"keys": [each.jwk() for each in self.verifiers]}

    def rotated(self) -> "Keys":
        """The same API keys with a new key in use; the present one goes on verifying."""
        return replace(self, kid=str(uuid.uuid4()), private_key=_new_key(), previous=self.verifiers)

    def revoked(self) -> "Keys":
        """Only the key in use: tokens of earlier ones are no longer good."""
        return replace(self, previous=())


def generate() -> Keys:
    """New keys that are stored nowhere."""
    return Keys(
        publishable_key=PUBLISHABLE_KEY,
        secret_key=f"sb_secret_{secrets.token_urlsafe(24)}",
        kid=str(uuid.uuid4()),
        private_key=_new_key(),
    )


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _base64url(number: int) -> str:
    octets = number.to_bytes(COORDINATE_BYTES, "big")
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
