"""Creates a superuser: a Supabase account and its row with all permissions."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.management.base import CommandError

from accounts.errors import LinguaFlexError, SupabaseRejected
from accounts.models import User
from accounts.services import staff


class Command(createsuperuser.Command):
    """Django's command, with its prompts and ``--noinput``.

    Django's command calls ``create_superuser`` of the model's manager. A manager must not send
    requests to Supabase, so an adapter calls ``services/staff.py`` instead.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.UserModel: Any = UserModel()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            super().handle(*args, **options)
        except SupabaseRejected as error:
            raise CommandError(error.reason) from None
        except LinguaFlexError as error:
            raise CommandError(error.detail) from None


class UserModel:
    """An adapter with the attributes of the user model and its manager that Django's command uses."""

    _meta = User._meta
    USERNAME_FIELD = User.USERNAME_FIELD
    REQUIRED_FIELDS = User.REQUIRED_FIELDS

    def __call__(self, **fields: Any) -> User:
        """An unsaved user. Django's password validators compare the password with its fields."""
        return User(**fields)

    @property
    def _default_manager(self) -> "UserModel":
        return self

    def db_manager(self, using: str) -> "UserModel":
        return self

    def create_superuser(self, *, email: str, password: str | None) -> User:
        return staff.create_superuser(email=email, password=password)
