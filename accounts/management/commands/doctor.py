"""Examines settings, Supabase, database, OpenAI and files, and says what to correct."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts.doctor import examination, report


class Command(BaseCommand):
    help = "Finds faults of this installation. Exit status: 0 none, 1 warnings, 2 errors."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a JSON array")

    def handle(self, *args: Any, **options: Any) -> None:
        results = list(examination.examine(examination.topics(timezone.now())))
        if options["json"]:
            self.stdout.write(report.as_json(results))
        else:
            self.stdout.write(f"Environment: {settings.LINGUAFLEX_ENV}, {settings.SUPABASE_URL}\n")
            self.stdout.write(report.as_text(results))
        sys.exit(report.exit_status(results))
