"""``db_worker`` of django-tasks-db with our worker. This app precedes the package's in INSTALLED_APPS."""

from typing import Any

from django_tasks_db.management.commands import db_worker

from accounts.models import database_waits
from linguaflex.operations.worker import SteadyWorker

STATEMENT_SECONDS = 60  # longer than any statement of a job

# The package's command creates its worker by this name, and offers no other place to replace it.
db_worker.Worker = SteadyWorker  # type: ignore[misc]


class Command(db_worker.Command):
    help = "Runs background jobs, and waits for the database when it is unavailable."

    def handle(self, **options: Any) -> None:
        """Runs the jobs. A stopped PostgreSQL is an outage too, after STATEMENT_SECONDS."""
        database_waits.limit(STATEMENT_SECONDS)
        super().handle(**options)
