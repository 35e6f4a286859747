"""The rules of new passwords, which Supabase's admin API does not apply."""

# Supabase's own minimum. A project may require more; Supabase then refuses the password.
MIN_LENGTH = 6
# Staff can read and change the data of other users.
MIN_STAFF_LENGTH = 12
# Supabase Auth refuses a longer password, because bcrypt reads 72 bytes only.
MAX_BYTES = 72
TOO_SHORT, TOO_LONG = "weak_password", "password_too_long"


def problem(password: str, *, min_length: int = MIN_LENGTH) -> tuple[str, str] | None:
    """The code and the sentence for a password that is too short or too long; None for any other."""
    if len(password) < min_length:
        return TOO_SHORT, f"A password has at least {min_length} characters."
    if len(password.encode(errors="surrogatepass")) > MAX_BYTES:
        return TOO_LONG, f"A password has at most {MAX_BYTES} bytes."
    return None
