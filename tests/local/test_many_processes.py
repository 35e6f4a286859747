"""Two gunicorns behind nginx, on a pooler in transaction mode, while workers are killed.

The pooler has fewer connections to the database than the servers have threads.
"""

import os
import random
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.models import Message, Participant
from tests.fixtures.deployment import gunicorn_command
from tests.fixtures.nginx import Nginx, delete_account, process, voice_contract
from tests.fixtures.people import Person
from tests.fixtures.poolers import pooler
from tests.fixtures.processes import children_of, needs_proc, wait_for
from tests.fixtures.programs import ROOT
from tests.fixtures.sites import PATIENCE, free_port, is_ready
from tests.fixtures.soaks import ChatSoak, Sent
from tests.fixtures.supabase import Supabase
from tests.fixtures.worker_processes import production, worker_commands

pytestmark = [
    pytest.mark.lifecycle,
    needs_proc,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_auth"),
]
SERVERS = 2
MESSAGES = 300  # of each person
CLIENTS = 8
SECONDS_BETWEEN_KILLS = 0.5


@dataclass
class Cluster:
    """nginx and the process ids of the gunicorns behind it."""

    proxy: Nginx
    variables: dict[str, str]
    masters: list[int] = field(default_factory=list)
    killed: list[int] = field(default_factory=list)

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        return [child for pid in self.masters for child in children_of(pid)]

    def kill_a_worker(self) -> None:
        """Kills a worker at random, as the kernel does when memory runs out."""
        if workers := self.workers():
            os.kill(pid := random.choice(workers), signal.SIGKILL)
            self.killed.append(pid)

    @contextmanager
    def killing(self) -> Iterator[None]:
        """Kills a worker again and again within the context."""
        ended = threading.Event()

        def kill() -> None:
            while not ended.wait(SECONDS_BETWEEN_KILLS):
                self.kill_a_worker()

        thread = threading.Thread(target=kill)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


@pytest.fixture
def cluster(supabase: Any, transactional_db: None) -> Iterator[Cluster]:
    parameters = connection.get_connection_params()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="linguaflex-cluster-")))
        folder.chmod(0o755)
        shared = stack.enter_context(pooler(folder, str(parameters["host"]), "transaction"))
        ports = [free_port() for _ in range(SERVERS)]
        variables = production() | {
            "DATABASE_URL": shared.url(parameters["dbname"]),
            "ALLOWED_HOSTS": "127.0.0.1",
            "TRUSTED_PROXY_COUNT": "1",
            "THROTTLE_MESSAGES": "100000/min",
        }
        cluster = Cluster(Nginx(folder, ports), variables)
        for port in ports:
            command = [sys.executable, "-m", *gunicorn_command(port)]
            log = folder / f"gunicorn-{port}.log"
            server = stack.enter_context(process(command, ROOT, log, variables))
            cluster.masters.append(server.pid)
            assert wait_for(partial(is_ready, f"http://127.0.0.1:{port}"), PATIENCE), log.read_text()
        stack.enter_context(cluster.proxy.running())
        yield cluster


def test_the_voice_contract_holds_after_a_worker_was_killed(cluster: Cluster, student: Person) -> None:
    cluster.kill_a_worker()
    assert " 0 failed" in voice_contract(cluster.proxy, student.token)


def test_no_message_is_lost_or_doubled_while_workers_are_killed(
    cluster: Cluster, student: Person, teacher: Person, capsys: Any
) -> None:
    chat = student.open_chat(teacher)
    soak = ChatSoak(cluster.proxy.https_url, str(cluster.proxy.certificate), chat["id"])
    people = (student, teacher)
    sent = [
        Sent(person.token, f"{person.user.name} {number}") for number in range(MESSAGES) for person in people
    ]
    with cluster.killing():
        soak.send(sent, CLIENTS)
    stored = list(soak.messages(student.token))
    assert [row["seq"] for row in stored] == list(range(1, len(sent) + 1))
    assert {row["client_id"]: (row["seq"], row["content"]) for row in stored} == {
        message.client_id: (message.seq, message.content) for message in sent
    }
    assert Message.objects.count() == len(sent)
    check_counters(chat["id"])
    repeated = sum(message.tries - 1 for message in sent)
    with capsys.disabled():
        print(f"\n{len(sent)} messages, {repeated} repeated, {len(cluster.killed)} workers killed")
    assert cluster.killed


def check_counters(chat: str) -> None:
    """The unread messages of each person are those of the other one after the own read mark."""
    for participant in Participant.objects.filter(chat_id=chat):
        unread = Message.objects.filter(chat_id=chat, seq__gt=participant.read_seq)
        assert participant.unread_count == unread.exclude(sender=participant.user).count()


def test_workers_run_jobs_on_the_pooler(
    cluster: Cluster, student: Person, supabase: Supabase, tmp_path: Path
) -> None:
    log = tmp_path / "workers"
    with ExitStack() as stack:
        for command in worker_commands():
            stack.enter_context(process(command, ROOT, log, cluster.variables))
        delete_account(cluster.proxy, student)
        assert wait_for(lambda: not supabase.has_account(student.user.pk), PATIENCE), log.read_text()
