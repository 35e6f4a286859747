"""Creates a superuser: a Supabase account and its row with all permissions, or an existing account."""

import getpass
import os
from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from accounts.errors import InvalidInput, LinguaFlexError, SupabaseRejected
from accounts.services import staff

EXISTS = "The address {email} has already been registered."
KEPT = "Whoever has its password, which may be shorter than 12 characters, is a superuser then."


class Command(createsuperuser.Command):
    """Django's command, with its options and prompts.

    Django's ``handle`` calls the manager of the model, which must not send requests to Supabase, and ends at
    a password that Supabase refuses. This one asks again.
    """

    help = "Creates a superuser, or makes an existing account one."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--existing",
            action="store_true",
            help=f"Make the account that already has this address a superuser, without a question. {KEPT}",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = self._ask(**options) if options["interactive"] else self._read(**options)
        except KeyboardInterrupt:
            raise CommandError("Operation cancelled.") from None
        except SupabaseRejected as error:
            raise CommandError(error.reason) from None
        except LinguaFlexError as error:
            raise CommandError(error.detail) from None
        if done and options["verbosity"] >= 1:
            self.stdout.write(done)

    def _ask(self, *, email: str | None, existing: bool, **options: Any) -> str:
        """Prompts for the address and the password. Returns what was done."""
        if hasattr(self.stdin, "isatty") and not self.stdin.isatty():
            return "Superuser creation skipped due to not running in a TTY."
        while email is None or not self._is_address(email):
            email = input("E-mail address: ")
        if staff.find_account(email=email) is None:
            return self._create_with_prompts(email)
        question = f"{EXISTS.format(email=email)} Make this account a superuser? {KEPT} [y/N]: "
        if not existing and input(question).strip().lower() not in ("y", "yes"):
            return "Nothing was changed."
        return self._lift(email)

    def _create_with_prompts(self, email: str) -> str:
        """Prompts for a password until it is accepted."""
        while True:
            password = getpass.getpass()
            if password != getpass.getpass("Password (again): "):
                self.stderr.write("Error: Your passwords didn't match.")
                continue
            try:
                return self._create(email, password)
            except InvalidInput as error:
                if "password" not in error.errors:
                    raise
                self.stderr.write(f"Error: {error.detail}")

    def _read(self, *, email: str | None, existing: bool, **options: Any) -> str:
        """Takes address and password from the options and the environment. Returns what was done."""
        email = email or os.environ.get("DJANGO_SUPERUSER_EMAIL")
        if email is None:
            raise CommandError("You must use --email with --noinput.")
        if not self._is_address(email):
            raise CommandError("Enter a valid email address.")
        if existing:
            return self._lift(email)
        try:
            return self._create(email, os.environ.get("DJANGO_SUPERUSER_PASSWORD"))
        except InvalidInput as error:
            if error.code != "email_exists":
                raise
            raise CommandError(
                f"{EXISTS.format(email=email)} --existing makes the account a superuser. {KEPT}"
            ) from None

    def _is_address(self, email: str) -> bool:
        """Whether it is an e-mail address. Writes an error otherwise."""
        try:
            self.username_field.clean(email, None)
        except ValidationError as error:
            self.stderr.write(f"Error: {'; '.join(error.messages)}")
            return False
        return bool(email.strip())

    def _create(self, email: str, password: str | None) -> str:
        staff.create_superuser(email=email, password=password)
        return "Superuser created successfully."

    def _lift(self, email: str) -> str:
        user = staff.make_superuser(email=email)
        return f"{user.email or user.pk} is a superuser now."
