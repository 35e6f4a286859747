"""``db_worker`` of django-tasks-db with our worker. This app precedes the package's in INSTALLED_APPS."""

from django_tasks_db.management.commands import db_worker

from linguaflex.operations.worker import SteadyWorker

# The package's command creates its worker by this name, and offers no other place to replace it.
db_worker.Worker = SteadyWorker  # type: ignore[misc]


class Command(db_worker.Command):
    help = "Runs background jobs, and waits for the database when it is unavailable."
