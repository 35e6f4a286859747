"""The password rules of Supabase Auth."""

from standins.supabase.auth.errors import AuthError, validation_failed
from standins.supabase.hashing import PasswordHasher

MIN_CHARACTERS = 6
MAX_BYTES = 72  # bcrypt, which Supabase uses, ignores further bytes


def new_hash(hasher: PasswordHasher, password: str, *, by_admin: bool = False) -> str:
    """The hash of a new password. Raises AuthError for one that is too short or too long.

    ``by_admin``: the admin API of Supabase Auth accepts short passwords.
    """
    if len(password.encode()) > MAX_BYTES:
        raise validation_failed(f"Password cannot be longer than {MAX_BYTES} characters")
    if len(password) < MIN_CHARACTERS and not by_admin:
        message = f"Password should be at least {MIN_CHARACTERS} characters."
        raise AuthError(422, "weak_password", message, weak_password={"reasons": ["length"]})
    return hasher.hash(password)


def matches(hasher: PasswordHasher, password: str, stored: str) -> bool:
    """Whether the password is correct. An empty ``stored`` takes as long as a wrong password.

    So the response time does not reveal whether an account exists.
    """
    if not stored:
        hasher.hash(password)
        return False
    return hasher.verify(password, stored)
