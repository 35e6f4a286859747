"""GET /health/worker/: the last heartbeat of each queue, and the age of the oldest due job."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import Error, OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import WorkerHeartbeat
from accounts.services import feedback, worker_health
from linguaflex.local.worker import worker
from linguaflex.operations.worker import LONGEST_JOB_SECONDS, Heart
from tests.api.test_conventions import refused

pytestmark = pytest.mark.django_db
PATH = "/health/worker/"
QUEUES = settings.TASKS["default"]["QUEUES"]


def seen(*queues: str, seconds_ago: int = 0) -> datetime:
    """A heartbeat of these queues."""
    at = timezone.now() - timedelta(seconds=seconds_ago)
    WorkerHeartbeat.objects.record(queues, at=at)
    return at


def queue_job(queue: str, *, seconds_ago: int) -> None:
    """A job that has been due for some seconds; negative for one that is due later."""
    at = timezone.now() - timedelta(seconds=seconds_ago)
    feedback.generate_feedback.using(run_after=at, queue_name=queue).enqueue(0)


def test_without_a_heartbeat_it_is_a_503(anyone: Any) -> None:
    assert "default" in refused(anyone.get(PATH), 503, "worker_not_seen")["detail"]


def test_with_heartbeats_of_every_queue_it_is_a_200(anyone: Any) -> None:
    seen("default")
    earlier = seen("calls", seconds_ago=20)
    queue_job("default", seconds_ago=100)
    queue_job("default", seconds_ago=-100)
    answer = anyone.get(PATH)
    assert answer.status_code == 200, answer.json()
    body = answer.json()
    assert set(body) == {"status", "last_seen", "oldest_job_age_seconds"}
    assert (body["status"], datetime.fromisoformat(body["last_seen"])) == ("ok", earlier)
    assert 100 <= body["oldest_job_age_seconds"] < 130


@pytest.mark.parametrize("silent", QUEUES)
def test_a_queue_that_is_silent_for_more_than_a_minute_is_a_503(anyone: Any, silent: str) -> None:
    seen(*QUEUES)
    seen(silent, seconds_ago=61)
    assert silent in refused(anyone.get(PATH), 503, "worker_not_seen")["detail"]


@pytest.mark.parametrize(("queue", "seconds"), [("default", 301), ("calls", 31)])
def test_a_job_that_waits_too_long_is_a_503(anyone: Any, queue: str, seconds: int) -> None:
    seen(*QUEUES)
    queue_job(queue, seconds_ago=seconds)
    assert queue in refused(anyone.get(PATH), 503, "jobs_late")["detail"]


def test_a_job_without_a_start_time_is_due_since_it_was_queued(anyone: Any) -> None:
    seen(*QUEUES)
    feedback.generate_feedback.enqueue(0)
    assert anyone.get(PATH).json()["oldest_job_age_seconds"] < 30
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(seconds=301))
    refused(anyone.get(PATH), 503, "jobs_late")


def test_many_jobs_of_one_queue_do_not_hide_those_of_another(
    anyone: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_health, "MOST_COUNTED", 2)
    seen(*QUEUES)
    for _ in range(3):
        queue_job("default", seconds_ago=200)
    queue_job("calls", seconds_ago=31)
    assert "calls" in refused(anyone.get(PATH), 503, "jobs_late")["detail"]
    assert [queue.due for queue in worker_health.queues()] == [2, 1]


def test_it_takes_three_statements(anyone: Any) -> None:
    seen(*QUEUES)
    for number in range(20):
        queue_job(QUEUES[number % 2], seconds_ago=1)
    with CaptureQueriesContext(connection) as queries:
        assert anyone.get(PATH).status_code == 200
    assert len(queries) == 3


def test_an_unreachable_database_is_a_503(anyone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(type(WorkerHeartbeat.objects), "by_queue", fail)
    refused(anyone.get(PATH), 503, "database_unavailable")


@pytest.fixture
def heart(monkeypatch: pytest.MonkeyPatch) -> Heart:
    """The heart of a worker of ``calls``, which does not close the connection of the test."""
    monkeypatch.setattr("linguaflex.operations.worker.connection", SimpleNamespace(close=lambda: None))
    return Heart(worker(name="tests", queues=["calls"], interval=0))


def test_a_heartbeat_names_the_queues_of_its_worker(heart: Heart) -> None:
    for _ in range(2):
        before = timezone.now()
        heart.beat()
        found = WorkerHeartbeat.objects.by_queue()
        assert set(found) == {"calls"} and found["calls"] >= before


def test_a_worker_that_hangs_sends_no_heartbeat(heart: Heart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linguaflex.operations.worker.LONGEST_JOB_SECONDS", -1)
    heart.beat()
    assert WorkerHeartbeat.objects.by_queue() == {}


def test_a_heart_survives_an_outage_of_the_database(heart: Heart, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **named: Any) -> None:
        raise Error("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(type(WorkerHeartbeat.objects), "record", fail)
        heart.beat()
    heart.beat()
    assert set(WorkerHeartbeat.objects.by_queue()) == {"calls"}
    assert LONGEST_JOB_SECONDS > 120, "longer than any answer of OpenAI"
