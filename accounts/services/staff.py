"""Members of staff: their accounts."""

from accounts.errors import InvalidInput
from accounts.integrations import supabase_auth
from accounts.models import User
from accounts.values import passwords


def create_superuser(*, email: str, password: str | None) -> User:
    """Creates a Supabase account with a confirmed address, and a user with all permissions.

    Without a password, Supabase sets a random one. Raises InvalidInput for a password that is too short
    or too long, and if Supabase refuses the address; TooManyRequests, SupabaseRejected or
    SupabaseUnavailable.
    """
    if password is not None and (
        problem := passwords.problem(password, min_length=passwords.MIN_STAFF_LENGTH)
    ):
        code, sentence = problem
        raise InvalidInput(sentence, code=code, errors={"password": [sentence]})
    account = supabase_auth.create_account(email=email, password=password, name="")
    user: User
    user, _ = User.objects.update_or_create(
        pk=account.id,
        defaults={"email": account.email, "is_staff": True, "is_superuser": True},
    )
    return user
