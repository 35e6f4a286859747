"""The demo member of staff. Each data folder has another random password, in a file for its owner only."""

import os
import secrets

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.staff import RIGHTS
from linguaflex.local.demo.seed import people
from standins.supabase.auth import users

EMAIL = "staff@example.com"
NAME = "Sam Keller"
FILE_NAME = "demo-staff-password"


@transaction.atomic
def add() -> None:
    """Creates the member of staff in a database with the demo users.

    An existing one gets the password of a new data folder. A ban and a removal from staff remain.
    """
    password, is_new = _load_or_create()
    with connection.cursor() as cursor:
        account = users.find_by_email(cursor, EMAIL)
        if account is None and people():
            account = users.create_user(
                cursor, email=EMAIL, password_hash=make_password(password), user_metadata={"name": NAME}
            )
            User.objects.create(pk=account.id, email=EMAIL, name=NAME, **RIGHTS)
        elif account is not None and is_new and exists():
            users.update(cursor, account.id, at=timezone.now(), encrypted_password=make_password(password))


def exists() -> bool:
    """Whether the database has the member of staff."""
    return bool(User.objects.filter(email=EMAIL, is_staff=True).exists())


def password() -> str:
    """The password in the data folder. Raises FileNotFoundError before ``add``."""
    return (settings.LINGUAFLEX_DATA_DIR / FILE_NAME).read_text()


def _load_or_create() -> tuple[str, bool]:
    """The password in the data folder, and whether it is new."""
    path = settings.LINGUAFLEX_DATA_DIR / FILE_NAME
    if path.exists():
        return password(), False
    new = secrets.token_urlsafe(12)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(new)
    return new, True
