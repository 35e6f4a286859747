"""Members of staff: their accounts."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.errors import InvalidInput
from accounts.integrations import supabase_auth
from accounts.models import User
from accounts.models.auth_sessions import account_with_email
from accounts.values import passwords

RIGHTS = {"is_staff": True, "is_superuser": True}


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
    user, _ = User.objects.update_or_create(pk=account.id, defaults={"email": account.email, **RIGHTS})
    return user


def find_account(*, email: str) -> UUID | None:
    """The Supabase account with this confirmed address, or None: anybody can register an address.

    If the database role may not read Supabase's accounts, the only user with this address. Its address is
    confirmed, because it comes from a token.
    """
    if account := account_with_email(email):
        return account.id if account.is_confirmed else None
    found = User.objects.present().filter(email__iexact=email).values_list("pk", flat=True)[:2]
    return found[0] if len(found) == 1 else None


@transaction.atomic
def make_superuser(*, email: str) -> User:
    """Gives all permissions to the user of an existing account. The account keeps its password.

    Raises InvalidInput if no account has this address, or another member of staff has it. Raises
    AccountDeleted.
    """
    account = find_account(email=email)
    if account is None:
        raise InvalidInput(f"There is no account with the confirmed address {email}.", code="unknown_account")
    User.objects.get_or_create(pk=account, defaults={"email": email.lower()})
    user: User = User.objects.locked_present(account)
    user.is_staff = user.is_superuser = True
    try:
        user.validate_constraints()
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), code="email_exists") from None
    user.save(update_fields=[*RIGHTS, "updated_at"])
    return user
