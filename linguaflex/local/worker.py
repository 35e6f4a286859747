"""Runs background jobs in threads beside the development server, as ``db_worker`` does in production."""

import logging
import threading
import time

from django.db import DatabaseError, InterfaceError, connection
from django_tasks_db.management.commands.db_worker import Worker

INTERVAL_SECONDS = 0.5  # between two queries of an empty queue
RETRY_SECONDS = 5

logger = logging.getLogger(__name__)


def worker(*, name: str, queues: list[str], interval: float, batch: bool = False) -> Worker:
    """A worker of these queues. ``interval``: seconds. With ``batch``, it stops when no job is due."""
    return Worker(
        queue_names=queues,
        interval=interval,
        batch=batch,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=name,
        excluded_queue_names=[],
    )


class WorkerThread(threading.Thread):
    """Runs the jobs of a queue until ``stop`` or the end of the process."""

    def __init__(self, queue: str) -> None:
        super().__init__(name=f"worker of {queue}", daemon=True)
        self._worker = worker(name=f"runserver-{queue}", queues=[queue], interval=INTERVAL_SECONDS)

    def run(self) -> None:
        """Runs jobs. If the database is unavailable, retries every RETRY_SECONDS."""
        while self._worker.running:
            try:
                self._worker.run()
            except (DatabaseError, InterfaceError):
                if not self._worker.running:
                    break
                logger.warning("Background jobs wait for the database.")
                time.sleep(RETRY_SECONDS)
            finally:
                connection.close()

    def stop(self) -> None:
        """Requests a stop after the current job; returns at once.

        The process may end before the job does. Then the job's next queued run repeats it
        (accounts/services/feedback.py).
        """
        self._worker.running = False
