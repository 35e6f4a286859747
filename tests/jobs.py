"""Background jobs in tests: the real worker, and time that passes at once."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.db.models import F
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from accounts.models import VoiceConversation
from linguaflex.local import worker


def run_jobs() -> list[dict[str, Any]]:
    """Runs what is due until nothing is; the failures, of which there should be none."""
    runner = worker.worker(name="tests", interval=0, batch=True)
    # As Django's test client does: a test's transaction does not outlive its connection.
    with patch.object(db_worker, "close_old_connections"):
        runner.run()
    return list(DBTaskResult.objects.failed().values("exception_class_path", "traceback"))


def pass_time(period: timedelta) -> None:
    """Everything that waits has waited ``period`` longer."""
    DBTaskResult.objects.filter(status="READY").update(run_after=F("run_after") - period)
    VoiceConversation.objects.exclude(feedback_due_at=None).update(
        feedback_due_at=F("feedback_due_at") - period
    )
