"""Deletes users again whom a restored backup contains."""

import sys
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.management import progress
from accounts.services import deletions


class Command(BaseCommand):
    help = "Deletes the users whose ids are read from standard input, one a line. Run it after a restore."

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how many users were deleted. Ids of unknown and of deleted users change nothing."""
        try:
            ids = [UUID(line) for line in sys.stdin.read().split()]
        except ValueError as error:
            raise CommandError(f"Expected the id of a user on each line: {error}.") from None
        at = timezone.now()
        shown = progress.shown(ids, "Deletions")
        deleted = sum(deletions.repeat_deletion(user_id=user_id, at=at) for user_id in shown)
        self.stdout.write(f"Deleted {deleted} users again.")
