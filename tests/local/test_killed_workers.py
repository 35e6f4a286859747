"""The worker of calls is killed during a run, and started again: the next run hangs the call up in time."""

import time
from typing import Any

import pytest
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from accounts.models import VoiceSession
from standins.openai.faults import Fault
from tests.fixtures.hang_ups import MAX_SECONDS, end_in, hung_up_after
from tests.fixtures.people import Person
from tests.fixtures.processes import wait_for
from tests.fixtures.voice_sessions import begin
from tests.fixtures.worker_processes import PATIENCE, WorkerProcesses

pytestmark = [
    pytest.mark.lifecycle,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_auth", "calls"),
]


def requests_in(simulator: Any) -> int:
    """The number of requests to hang up the simulator's one call."""
    (call,) = simulator.calls
    return sum(each.request.path_params.get("call_id") == call.id for each in simulator.received)


def runs_now() -> bool:
    """Whether a worker has taken a run from the queue, and has not ended it."""
    return bool(DBTaskResult.objects.running().exists())


def check_restart(workers: WorkerProcesses, calls: Any, ends_at: float, capsys: Any) -> None:
    """Starts a worker, and measures when the call is hung up."""
    (call,) = calls
    assert call.hung_up_at is None and runs_now(), workers.output()
    seconds = hung_up_after(call, max(workers.start(), ends_at))
    with capsys.disabled():
        print(f"\nHung up {seconds:.1f} s after the restart of the worker")
    assert call.hung_up_at >= ends_at and seconds < MAX_SECONDS, workers.output()


@pytest.mark.parametrize("times", [1, 2])
def test_a_worker_that_is_killed_while_it_asks_openai(
    student: Person, calls: Any, simulator: Any, workers: WorkerProcesses, capsys: Any, times: int
) -> None:
    simulator.faults.add(*(Fault("/hangup", 500, {}, seconds=3) for _ in range(times)))
    begin(student)
    ends_at = end_in(1)
    for number in range(times):
        workers.start()
        assert wait_for(lambda number=number: requests_in(simulator) > number, PATIENCE), workers.output()
        workers.kill()
    check_restart(workers, calls, ends_at, capsys)


def test_a_worker_that_is_killed_before_it_asks_openai(
    student: Person, calls: Any, workers: WorkerProcesses, capsys: Any
) -> None:
    pk = begin(student)
    workers.start()
    ends_at = end_in(1)
    with transaction.atomic():
        VoiceSession.objects.select_for_update().get(pk=pk)  # the run waits for this lock
        assert wait_for(runs_now, PATIENCE), workers.output()
        workers.kill()
    time.sleep(3)  # until the second run is due
    check_restart(workers, calls, ends_at, capsys)
