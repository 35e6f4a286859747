"""Completes account deletions that a crash or an outage left half done."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models.users import DELETION_GRACE
from accounts.services import deletions


class Command(BaseCommand):
    help = "Completes account deletions that were begun and not finished. Run it at each start."

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how many there were, if any; what fails is tried again next time, and stops nothing."""
        at = timezone.now()
        finished, owed = deletions.finish_deletions(before=at - DELETION_GRACE, at=at)
        if finished:
            self.stdout.write(f"Completed {finished} account deletions.")
        if owed:
            self.stderr.write(f"{owed} account deletions remain: the log says why. Run this again later.")
