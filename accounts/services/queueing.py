"""Tasks that a killed worker must not lose."""

from datetime import datetime, timedelta
from typing import Any


def enqueue_twice(task: Any, *arguments: Any, at: datetime, backup: timedelta) -> None:
    """Queues a run ``at`` a time, and another one ``backup`` later, in case a worker dies during the first.

    The second run must find nothing to do if the first one has succeeded.
    """
    for run_after in (at, at + backup):
        task.using(run_after=run_after).enqueue(*arguments)
