"""Rotates the key that signs the stand-in's access tokens, as Supabase's dashboard does for a project."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from standins.supabase import key_file
from standins.supabase.keys import Keys


class Command(BaseCommand):
    help = (
        "Signs access tokens of the local Supabase stand-in with a new key. Tokens of the previous key"
        " stay good until --revoke. The running stand-in follows at once; Django learns a new key within"
        " 30 seconds and forgets a revoked one within ten minutes, as with a hosted project."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch."""
        parser.add_argument(
            "--revoke",
            action="store_true",
            help="make no new key, and refuse the tokens of all previous ones",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Changes the key file and says which keys are good now."""
        if not settings.SUPABASE_STAND_IN:
            raise CommandError("A Supabase project rotates its keys itself: Settings > JWT Keys.")
        step = Keys.revoked if options["revoke"] else Keys.rotated
        changed = key_file.change(settings.LINGUAFLEX_DATA_DIR, step)
        self.stdout.write(f"In use: {changed.kid}")
        for each in changed.previous:
            self.stdout.write(f"Previous, still good: {each.kid}")
