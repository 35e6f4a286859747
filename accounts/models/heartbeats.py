"""When the workers of background jobs were last seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import models


class WorkerHeartbeatQuerySet(models.QuerySet["WorkerHeartbeat"]):
    def record(self, queues: Iterable[str], *, at: datetime) -> None:
        """Stores that a worker of these queues lives. One statement."""
        rows = [WorkerHeartbeat(queue=queue, seen_at=at) for queue in sorted(queues)]  # sorted: no deadlock
        self.bulk_create(rows, update_conflicts=True, unique_fields=["queue"], update_fields=["seen_at"])

    def by_queue(self) -> dict[str, datetime]:
        """The instant at which a worker of each queue was last seen."""
        return dict(self.values_list("queue", "seen_at"))


class WorkerHeartbeat(models.Model):
    """One row for each queue. Every worker of the queue updates it."""

    queue = models.CharField(max_length=32, primary_key=True)
    seen_at = models.DateTimeField()

    objects = WorkerHeartbeatQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.queue} at {self.seen_at:%Y-%m-%d %H:%M:%S}"
