"""Password rules of Supabase Auth, hashing by Django."""

import secrets

from django.contrib.auth.hashers import check_password, make_password

from standins.supabase.auth.errors import WeakPassword, validation_failed

MIN_CHARACTERS = 6
# bcrypt, Supabase's hash, reads no further.
MAX_BYTES = 72


def new_hash(password: str) -> str:
    """The hash to store; raises AuthError for a password that is too short or too long."""
    if len(password.encode()) > MAX_BYTES:
        raise validation_failed(f"Password cannot be longer than {MAX_BYTES} characters")
    if len(password) < MIN_CHARACTERS:
        message = f"Password should be at least {MIN_CHARACTERS} characters."
        raise WeakPassword(message, ["length"])
    return make_password(password)


def random_hash() -> str:
    """The hash of a password that nobody knows."""
    return make_password(secrets.token_urlsafe(32))


def matches(password: str, stored: str | None) -> bool:
    """Whether the password is the one; an unknown account takes as long as a known one."""
    if not stored:
        make_password(password)
        return False
    return check_password(password, stored)
