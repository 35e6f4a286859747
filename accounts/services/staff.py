"""Members of staff: their accounts."""

from accounts.integrations import supabase_auth
from accounts.models import User


def create_superuser(*, email: str, password: str | None) -> User:
    """Creates a Supabase account with a confirmed address, and a user with all permissions.

    Raises InvalidInput if Supabase refuses the address or the password, TooManyRequests or
    SupabaseUnavailable.
    """
    account = supabase_auth.create_account(email=email, password=password, name="")
    user: User
    user, _ = User.objects.update_or_create(
        pk=account.id,
        defaults={"email": account.email, "is_staff": True, "is_superuser": True},
    )
    return user
