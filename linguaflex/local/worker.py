"""Runs background jobs in threads beside the development server, as ``db_worker`` does in production."""

import threading

from django.db import connection

from linguaflex.operations.worker import SteadyWorker

INTERVAL_SECONDS = 0.5  # between two queries of an empty queue


def worker(*, name: str, queues: list[str], interval: float, batch: bool = False) -> SteadyWorker:
    """A worker of these queues. ``interval``: seconds. With ``batch``, it stops when no job is due."""
    return SteadyWorker(
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
        """Runs jobs, also after an outage of the database."""
        try:
            self._worker.run()
        finally:
            connection.close()

    def stop(self) -> None:
        """Requests a stop after the current job; returns at once.

        The process may end before the job does. Then the job's next queued run repeats it
        (accounts/services/feedback.py).
        """
        self._worker.running = False
