"""Completes account deletions whose background job was lost or is late."""

from functools import partial
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.management import progress
from accounts.models.deleted_users import DELETION_GRACE
from accounts.services import deletions


class Command(BaseCommand):
    help = "Completes interrupted account deletions. Run it at each start."

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how many deletions were completed and how many failed. The next run repeats the latter."""
        at = timezone.now()
        each = partial(progress.shown, label="Deletions")
        finished, failed = deletions.finish_deletions(before=at - DELETION_GRACE, at=at, each=each)
        if finished:
            self.stdout.write(f"Completed {finished} account deletions.")
        if failed:
            self.stderr.write(f"{failed} account deletions remain: see the log, and run this again later.")
