"""The documented workers outlive a restart of the database."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.migrations import production
from tests.fixtures.own_postgres import OwnPostgres
from tests.fixtures.processes import wait_for
from tests.fixtures.programs import ROOT
from tests.fixtures.worker_processes import PATIENCE, worker_commands

pytestmark = pytest.mark.lifecycle
QUEUES = {"default", "calls"}
# A job that finds nothing to do.
JOB = """
insert into django_tasks_database_dbtaskresult (id, status, enqueued_at, args_kwargs, priority, task_path,
  worker_ids, queue_name, backend_name, run_after, exception_class_path, traceback)
values (gen_random_uuid(), 'READY', now(), '{"args": [0], "kwargs": {}}', 0,
  'accounts.services.feedback.generate_feedback', '[]', %s, 'default', now(), '', '')"""


@dataclass
class RunningWorker:
    """A documented worker as a process, which writes its log to a file."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def lines(self) -> list[dict[str, Any]]:
        """The log, which is JSON as in production."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def outages(self) -> int:
        """The number of lines that say that it waits for the database."""
        return sum("wait for the database" in line["event"] for line in self.lines())


@pytest.fixture
def workers(own_postgres: OwnPostgres, tmp_path: Path) -> Iterator[list[RunningWorker]]:
    """The workers of both queues, started while the database is stopped."""
    own_postgres.stop()
    environment = {"PATH": os.environ["PATH"], **production(own_postgres.url)}
    running = []
    for number, command in enumerate(worker_commands()):
        path = tmp_path / f"{number}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        running.append(RunningWorker(process, path))
    yield running
    for worker in running:
        worker.process.kill()
        worker.process.wait(PATIENCE)


def last_seen(database: OwnPostgres) -> dict[str, datetime]:
    """When a worker of each queue was last seen."""
    return dict(database.sql("select queue, seen_at from accounts_workerheartbeat"))


def finished(database: OwnPostgres) -> int:
    """The number of successful jobs."""
    ((number,),) = database.sql(
        "select count(*) from django_tasks_database_dbtaskresult where status = 'SUCCESSFUL'"
    )
    return int(number)


def test_the_workers_wait_for_the_database_at_their_start_and_in_a_restart(
    own_postgres: OwnPostgres, workers: list[RunningWorker]
) -> None:
    def each_waits() -> bool:
        return all(worker.outages() > before for worker, before in zip(workers, outages, strict=True))

    def each_was_seen() -> bool:
        seen = last_seen(own_postgres)
        return set(seen) == QUEUES and all(at > started_at for at in seen.values())

    outages = [0, 0]
    for round_number in (1, 2):
        assert wait_for(each_waits, PATIENCE), [worker.lines() for worker in workers]
        own_postgres.start()
        ((started_at,),) = own_postgres.sql("select now()")
        for queue in QUEUES:
            own_postgres.sql(JOB, queue)
        jobs = round_number * len(QUEUES)
        assert wait_for(lambda jobs=jobs: finished(own_postgres) == jobs, PATIENCE)
        assert wait_for(each_was_seen, PATIENCE), last_seen(own_postgres)
        outages = [worker.outages() for worker in workers]
        own_postgres.stop()
    for worker in workers:
        assert worker.process.poll() is None, worker.lines()
        worker.process.send_signal(signal.SIGTERM)
        assert worker.process.wait(PATIENCE) == 0, worker.lines()
