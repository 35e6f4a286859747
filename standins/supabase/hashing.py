"""Password hashing. The default, scrypt, needs the standard library only."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

SALT_BYTES = 16


@dataclass(frozen=True)
class PasswordHasher:
    """``hash(password)`` returns a salted hash; ``verify(password, stored)`` checks a password against it."""

    hash: Callable[[str], str]
    verify: Callable[[str, str], bool]


def _scrypt_hash(password: str) -> str:
    salt = secrets.token_bytes(SALT_BYTES)
    return base64.b64encode(salt + _scrypt(password, salt)).decode()


def _scrypt_verify(password: str, stored: str) -> bool:
    content = base64.b64decode(stored)
    salt, digest = content[:SALT_BYTES], content[SALT_BYTES:]
    return hmac.compare_digest(_scrypt(password, salt), digest)


def _scrypt(password: str, salt: bytes) -> bytes:
    # OWASP Password Storage Cheat Sheet: N=2^15, r=8, p=3; it needs 32 MB.
    return hashlib.scrypt(password.encode(), salt=salt, n=2**15, r=8, p=3, maxmem=2**26)


SCRYPT = PasswordHasher(_scrypt_hash, _scrypt_verify)
