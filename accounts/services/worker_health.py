"""The state of background jobs: when a worker was last seen, and how long due jobs have waited."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, F, Min, When
from django_tasks_db.models import DBTaskResult, get_date_max

from accounts.errors import Unavailable
from accounts.models import WorkerHeartbeat

# A worker reports itself every 15 s (linguaflex/operations/worker.py).
MAX_SILENCE = timedelta(minutes=1)
# The longest time that a due job may wait. A job of ``calls`` hangs up a call, which costs money until then.
MAX_WAIT = {"calls": timedelta(seconds=30)}
MAX_WAIT_ELSEWHERE = timedelta(minutes=5)
# Due jobs of a queue that are counted, the oldest first.
MOST_COUNTED = 10_000
# The instant since which a job could run.
DUE_AT = Case(When(run_after=get_date_max(), then=F("enqueued_at")), default=F("run_after"))


@dataclass(frozen=True)
class Queue:
    """A queue of background jobs. ``due`` counts the jobs that could run now; the oldest could since then."""

    name: str
    seen_at: datetime | None  # a worker of this queue
    due: int
    oldest_due_at: datetime | None

    def oldest_age(self, at: datetime) -> timedelta:
        """How long the oldest due job has waited; zero if none waits."""
        return max(at - self.oldest_due_at, timedelta()) if self.oldest_due_at else timedelta()

    def has_worker(self, at: datetime) -> bool:
        """Whether a worker was seen recently."""
        return self.seen_at is not None and at - self.seen_at <= MAX_SILENCE

    def is_late(self, at: datetime) -> bool:
        """Whether the oldest due job has waited for too long."""
        return self.oldest_age(at) > MAX_WAIT.get(self.name, MAX_WAIT_ELSEWHERE)


class WorkerNotSeen(Unavailable):
    """No worker of a queue was seen within MAX_SILENCE."""

    code = "worker_not_seen"


class JobsLate(Unavailable):
    """A due job has waited for longer than MAX_WAIT."""

    code = "jobs_late"


def queues() -> list[Queue]:
    """The state of each queue of the settings. A statement for each, and one for the workers."""
    seen = WorkerHeartbeat.objects.by_queue()
    return [Queue(name, seen.get(name), **_due_jobs(name)) for name in settings.TASKS["default"]["QUEUES"]]


def check(at: datetime) -> list[Queue]:
    """The queues, each of which has a worker and no late job. Raises WorkerNotSeen or JobsLate."""
    found = queues()
    for queue in found:
        if not queue.has_worker(at):
            raise WorkerNotSeen(f"No worker of the queue {queue.name} was seen in the last minute.")
    for queue in found:
        if queue.is_late(at):
            waited = int(queue.oldest_age(at).total_seconds())
            raise JobsLate(f"The oldest job of the queue {queue.name} is late: it has waited for {waited} s.")
    return found


def _due_jobs(queue: str) -> dict[str, Any]:
    """The number of due jobs, and the instant since which the oldest is due.

    A limit for each queue: many due jobs of one queue do not hide those of another.
    """
    counted = DBTaskResult.objects.ready().filter(queue_name=queue)[:MOST_COUNTED]
    return counted.aggregate(due=Count("pk"), oldest_due_at=Min(DUE_AT))
