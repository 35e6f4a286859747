"""The workers of the README outlive a restart of the database."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.fixtures.migrations import production
from tests.fixtures.own_postgres import OwnPostgres
from tests.fixtures.processes import wait_for
from tests.fixtures.programs import ROOT
from tests.fixtures.worker_processes import PATIENCE, worker_commands

pytestmark = pytest.mark.lifecycle
QUEUES = {"default", "calls"}
OUTAGE_SECONDS = 3
# A job that finds nothing to do.
JOB = """
insert into django_tasks_database_dbtaskresult (id, status, enqueued_at, args_kwargs, priority, task_path,
  worker_ids, queue_name, backend_name, run_after, exception_class_path, traceback)
values (gen_random_uuid(), 'READY', now(), '{"args": [0], "kwargs": {}}', 0,
  'accounts.services.feedback.generate_feedback', '[]', %s, 'default', now(), '', '')"""


@pytest.fixture
def workers(own_postgres: OwnPostgres, tmp_path: Path) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """The workers of the README as processes, which write to the file ``log``."""
    environment = {"PATH": os.environ["PATH"], **production(own_postgres.url)}
    with (tmp_path / "log").open("wb") as log:
        running = [
            subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
            for command in worker_commands()
        ]
    yield running
    for process in running:
        process.kill()
        process.wait(PATIENCE)


def seen_after(database: OwnPostgres, instant: datetime | None) -> bool:
    """Whether a worker of each queue was seen later than ``instant``."""
    rows = dict(database.sql("select queue, seen_at from accounts_workerheartbeat"))
    return set(rows) == QUEUES and all(instant is None or at > instant for at in rows.values())


def finished(database: OwnPostgres) -> int:
    """The number of successful jobs."""
    ((number,),) = database.sql(
        "select count(*) from django_tasks_database_dbtaskresult where status = 'SUCCESSFUL'"
    )
    return int(number)


def test_the_workers_run_jobs_after_a_restart(
    own_postgres: OwnPostgres, workers: list["subprocess.Popen[bytes]"], tmp_path: Path
) -> None:
    output = (tmp_path / "log").read_text
    assert wait_for(lambda: seen_after(own_postgres, None), PATIENCE), output()
    own_postgres.stop()
    time.sleep(OUTAGE_SECONDS)  # each worker fails at least once
    own_postgres.start()
    ((restarted,),) = own_postgres.sql("select now()")
    for queue in QUEUES:
        own_postgres.sql(JOB, queue)
    assert wait_for(lambda: finished(own_postgres) == len(QUEUES), PATIENCE), output()
    assert wait_for(lambda: seen_after(own_postgres, restarted), PATIENCE), output()
    assert output().count("Background jobs wait for the database") >= len(QUEUES)
    assert [process.poll() for process in workers] == [None, None], output()
    for process in workers:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(PATIENCE) for process in workers] == [0, 0], output()
