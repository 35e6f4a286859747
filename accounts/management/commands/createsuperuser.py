"""Makes a member of staff: a Supabase account and its row with all rights."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.management.base import CommandError

from accounts.errors import LinguaFlexError


class Command(createsuperuser.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """As Django's own; a refusal of Supabase is a sentence and no traceback."""
        try:
            super().handle(*args, **options)
        except LinguaFlexError as error:
            raise CommandError(error.detail) from None
