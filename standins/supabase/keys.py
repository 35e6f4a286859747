"""API keys, and the keys that sign and verify access tokens.

Publishable and secret API keys are opaque strings, not JWTs (Supabase docs, "API keys").
Access tokens are signed with ES256 and verified through the JWKS (RFC 7517, RFC 7518 section 6.2).
"""

import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

# Not a secret, because browsers send it. With a fixed value, frontends need no configuration.
PUBLISHABLE_KEY = "sb_publishable_linguaflex_local"


@dataclass(frozen=True)
class Keys:
    """The API keys, the current signing key with its id, and the previous public keys by id."""

    publishable_key: str
    secret_key: str = field(repr=False)
    kid: str
    private_key: ec.EllipticCurvePrivateKey = field(repr=False)
    previous: Mapping[str, ec.EllipticCurvePublicKey] = field(default_factory=dict)

    def sign(self, claims: Mapping[str, Any]) -> str:
        """The claims as a JWT with ``alg``, ``kid`` and ``typ`` in its header.

        Non-ASCII letters are not escaped, as in Supabase Auth; this keeps tokens short.
        """
        payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
        return jwt.PyJWS().encode(payload, self.private_key, algorithm="ES256", headers={"kid": self.kid})

    def verify(self, token: str) -> dict[str, Any]:
        """The claims of a valid, unexpired token. Raises jwt.PyJWTError or ValueError.

        Issuer and audience are not checked, as in Supabase Auth.
        """
        kid = jwt.get_unverified_header(token).get("kid")
        key = self.verifiers.get(str(kid))
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
        return self.private_key.public_key()

    @cached_property
    def verifiers(self) -> dict[str, ec.EllipticCurvePublicKey]:
        """The public keys that verify tokens, by id; the current key is the first."""
        return {self.kid: self.public_key, **self.previous}

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JSON Web Key Set (RFC 7517)."""
        rest = {"alg": "ES256", "use": "sig", "key_ops": ["verify"]}
        return {
            "keys": [
                ECAlgorithm.to_jwk(key, as_dict=True) | rest | {"kid": kid}
                for kid, key in self.verifiers.items()
            ]
        }

    def rotated(self) -> "Keys":
        """A copy with a new signing key. Tokens of the current and previous keys stay valid."""
        return replace(self, kid=str(uuid.uuid4()), private_key=_new_key(), previous=self.verifiers)

    def revoked(self) -> "Keys":
        """A copy without the previous keys. Their tokens become invalid."""
        return replace(self, previous={})


def generate() -> Keys:
    return Keys(
        publishable_key=PUBLISHABLE_KEY,
        secret_key=f"sb_secret_{secrets.token_urlsafe(24)}",
        kid=str(uuid.uuid4()),
        private_key=_new_key(),
    )


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())
