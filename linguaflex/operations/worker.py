"""The worker of background jobs. It outlives an outage of the database, and reports that it runs."""

import logging
import threading
import time
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker

from accounts.models import WorkerHeartbeat

BEAT_SECONDS = 15
# A job that takes longer hangs, and its worker no longer reports itself. An answer of OpenAI takes up to two
# minutes (accounts/services/feedback.py).
LONGEST_JOB_SECONDS = 300
FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS = 1, 30  # between two attempts to reach the database

logger = logging.getLogger(__name__)


class SteadyWorker(Worker):
    """A worker that waits for the database when it is unavailable. Other errors end it.

    Unless ``batch`` is set, it also stores heartbeats of its queues (``WorkerHeartbeat``).
    """

    def __init__(self, **options: Any) -> None:
        self._delay, self._turned_at = FIRST_DELAY_SECONDS, time.monotonic()
        super().__init__(**options)

    @property
    def running(self) -> bool:
        """Whether the worker goes on. The loop reads this at each turn, before it takes a job."""
        self._turned_at = time.monotonic()
        return self._running

    @running.setter
    def running(self, value: bool) -> None:
        self._running = value

    @property
    def served_queues(self) -> set[str]:
        """The names of the queues whose jobs this worker runs."""
        queues = settings.TASKS[self.backend_name]["QUEUES"] if self.process_all_queues else self.queue_names
        return set(queues) - set(self.excluded_queue_names)

    @property
    def hangs(self) -> bool:
        """Whether the loop has not turned for longer than any job takes."""
        return time.monotonic() - self._turned_at > LONGEST_JOB_SECONDS

    def run(self) -> None:
        """Runs jobs until ``running`` is false; with ``batch`` or ``max_tasks``, until the work is done."""
        if self.batch:
            return super().run()
        heart = Heart(self)
        heart.start()
        try:
            while self.running and not self._runs_to_its_end():
                pass
        finally:
            heart.stop()

    def _runs_to_its_end(self) -> bool:
        """Runs jobs. Returns False after an outage of the database and a delay, which doubles each time."""
        began = time.monotonic()
        try:
            super().run()
            return True
        except Error as error:
            # The message of an error may quote a row.
            logger.warning("Background jobs wait for the database: %s.", type(error).__name__)
        connection.close()
        if time.monotonic() - began > LONGEST_DELAY_SECONDS:
            self._delay = FIRST_DELAY_SECONDS
        time.sleep(self._delay)
        self._delay = min(2 * self._delay, LONGEST_DELAY_SECONDS)
        return False


class Heart(threading.Thread):
    """Stores the heartbeats of a worker while it works, also during a long job.

    Between two heartbeats it has no connection to the database.
    """

    def __init__(self, worker: SteadyWorker) -> None:
        super().__init__(name="heartbeats", daemon=True)
        self._worker = worker
        self._stopped = threading.Event()

    def run(self) -> None:
        """Stores a heartbeat at once, and then every BEAT_SECONDS."""
        while not self._stopped.is_set():
            self.beat()
            self._stopped.wait(BEAT_SECONDS)

    def beat(self) -> None:
        """Stores a heartbeat, unless the worker hangs. The worker itself logs an outage of the database."""
        if self._worker.hangs:
            logger.error("A background job has run for more than %s s.", LONGEST_JOB_SECONDS)
            return
        try:
            WorkerHeartbeat.objects.record(self._worker.served_queues, at=timezone.now())
        except Error:
            pass
        finally:
            connection.close()

    def stop(self) -> None:
        """Ends the thread, after its current statement."""
        self._stopped.set()
        self.join(BEAT_SECONDS)
