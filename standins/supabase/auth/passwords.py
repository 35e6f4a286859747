"""Password hashing, and the password rules of Supabase Auth."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from standins.supabase.auth.errors import AuthError, validation_failed

MIN_CHARACTERS = 6
MAX_BYTES = 72  # bcrypt, which Supabase uses, ignores what follows
SALT_BYTES = 16


@dataclass(frozen=True)
class PasswordHasher:
    """``hash(password)`` returns the text to store; ``verify(password, stored)`` compares."""

    hash: Callable[[str], str]
    verify: Callable[[str, str], bool]


def new_hash(hasher: PasswordHasher, password: str) -> str:
    """The hash to store. Raises AuthError for a password that is too short or too long."""
    if len(password.encode()) > MAX_BYTES:
        raise validation_failed(f"Password cannot be longer than {MAX_BYTES} characters")
    if len(password) < MIN_CHARACTERS:
        message = f"Password should be at least {MIN_CHARACTERS} characters."
        raise AuthError(422, "weak_password", message, weak_password={"reasons": ["length"]})
    return hasher.hash(password)


def matches(hasher: PasswordHasher, password: str, stored: str) -> bool:
    """Whether the password is correct. An empty ``stored`` takes as long as a wrong password."""
    if not stored:
        hasher.hash(password)
        return False
    return hasher.verify(password, stored)


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
