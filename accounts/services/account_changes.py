"""What staff change on the account of another person: the e-mail address and the role."""

from datetime import datetime

from django.db import transaction

from accounts.errors import InvalidInput, NotAllowed
from accounts.integrations import supabase_auth
from accounts.models import User
from accounts.models.auth_sessions import account_with_email
from accounts.services import admin_log, teachers


def change_email(*, user: User, by: User, email: str, at: datetime) -> User:
    """Sets and confirms the address of the Supabase account, then the address of the row.

    Access tokens that were issued before do not set the old address again. If the row cannot be saved,
    the next token sets the address. Whoever has the address can set a new password: raises NotAllowed
    for an account of staff, unless ``by`` is a superuser. Raises InvalidInput for an address that is
    malformed or in use, SupabaseUnavailable, SupabaseRejected, TooManyRequests, AccountDeleted.
    """
    if user.is_staff and not by.is_superuser:
        raise NotAllowed("Only superusers change the address of a member of staff.")
    User.objects.check_present(user.pk)
    same_staff = User.objects.filter(is_staff=True, email__iexact=email).exclude(pk=user.pk)
    other = account_with_email(email)
    if (other and other.id != user.pk) or (user.is_staff and same_staff.exists()):
        message = "Another account has this e-mail address."
        raise InvalidInput(message, code="email_exists", errors={"email": [message]})
    stored = supabase_auth.change_email(user_id=user.pk, email=email)
    with transaction.atomic():
        row: User = User.objects.locked_present(user.pk)
        note = f"E-mail address changed from {row.email or 'none'} to {stored}"
        row.change_fields({"email": stored, "email_as_of": at})
        admin_log.record_change(row=row, by=by, note=note)
    return row


@transaction.atomic
def make_teacher(*, user: User, by: User) -> None:
    """Makes a student a teacher. Raises Conflict for a teacher, AccountDeleted."""
    row: User = User.objects.locked_present(user.pk)
    teachers.become_teacher(user=row, fields={})
    admin_log.record_change(row=row, by=by, note="Made a teacher")
