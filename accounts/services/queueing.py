"""Tasks that a killed worker must not lose."""

from datetime import datetime, timedelta
from typing import Any

FIRST_RETRY_DELAY = timedelta(minutes=1)
MAX_RETRY_DELAY = timedelta(hours=1)


def enqueue_twice(task: Any, *arguments: Any, at: datetime, backup: timedelta) -> None:
    """Queues a run ``at`` a time, and another one ``backup`` later, in case a worker dies during the first.

    The second run must find nothing to do if the first one has succeeded.
    """
    for run_after in (at, at + backup):
        task.using(run_after=run_after).enqueue(*arguments)


def retry_delay(failures: int) -> timedelta:
    """The wait after the given number of failures: doubled by each failure, at most MAX_RETRY_DELAY."""
    delay: timedelta = FIRST_RETRY_DELAY * 2 ** min(failures - 1, 10)
    return min(delay, MAX_RETRY_DELAY)
