"""Checks of the workers of background jobs, by what they store in the database."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from django.conf import settings

from accounts.doctor.findings import Check, Finding, error, warning
from accounts.services import worker_health

NOT_SEEN = error(
    "worker_not_seen",
    "No worker of the queue {queue} was seen in the last minute: its background jobs do not run.",
    "Run python manage.py db_worker under a supervisor, with the options of docs/operations/DEPLOY.md.",
)
LATE = warning(
    "jobs_late",
    "The oldest due job of the queue {queue} has waited for {seconds} s, and {due} jobs are due.",
    "Read the log of the workers, and start another worker of this queue.",
)


def queues(at: datetime) -> Iterator[Finding]:
    """Finds queues without a living worker, and jobs that wait for too long."""
    for queue in worker_health.queues():
        if not queue.has_worker(at):
            yield NOT_SEEN.found(queue=queue.name)
        elif queue.is_late(at):
            seconds = int(queue.oldest_age(at).total_seconds())
            yield LATE.found(queue=queue.name, seconds=seconds, due=queue.due)


def checks(at: datetime) -> list[Check]:
    """The checks of a production server. Locally, runserver runs the jobs, and need not run now."""
    return [] if settings.LOCAL else [Check("workers", partial(queues, at))]
