"""Rotates the key that signs the Supabase stand-in's access tokens."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from standins.supabase import key_file
from standins.supabase.keys import Keys


class Command(BaseCommand):
    help = (
        "Signs access tokens of the local Supabase stand-in with a new key. Tokens of the previous key"
        " stay valid until --revoke. The running stand-in uses the new key at once; Django fetches a new key"
        " within 30 seconds and drops a revoked one within ten minutes, as with a hosted project."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--revoke",
            action="store_true",
            help="create no new key, and reject the tokens of all previous keys",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Changes the key file and prints the valid keys."""
        if not settings.SUPABASE_STAND_IN:
            raise CommandError("Rotate the keys of a hosted project in its dashboard: Settings > JWT Keys.")
        step = Keys.revoked if options["revoke"] else Keys.rotated
        changed = key_file.change(settings.LINGUAFLEX_DATA_DIR, step)
        self.stdout.write(f"In use: {changed.kid}")
        for kid in changed.previous:
            self.stdout.write(f"Previous, still valid: {kid}")
