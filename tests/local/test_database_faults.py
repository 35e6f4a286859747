"""The documented deployment while PostgreSQL is restarted or stopped, and while a worker is killed."""

import os
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from accounts.models.database_waits import SECONDS_AFTER_SILENCE
from tests.fixtures import own_servers
from tests.fixtures.own_servers import ME, OwnServer
from tests.fixtures.people import CHATS, CONVERSATION, VOICE
from tests.fixtures.processes import needs_proc, wait_for
from tests.fixtures.sites import PATIENCE
from tests.fixtures.writers import Writers

pytestmark = [pytest.mark.lifecycle, needs_proc]
THREADS = 8  # of the documented command: two workers with four threads
BACK_SECONDS = 5  # from the stop of PostgreSQL to an acknowledged write
FROZEN_SECONDS = 12
# The default of DATABASE_TIMEOUT, an attempt to connect again, and the wait of a request for a thread.
LIMIT_SECONDS = 8 + SECONDS_AFTER_SILENCE + 3
CONVERSATIONS = "select count(*) from accounts_voiceconversation where client_id = %s"
BLOCKED = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
CLIENTS = """select count(*) from pg_stat_activity
where backend_type = 'client backend' and pid <> pg_backend_pid()"""


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    with own_servers.running(PUBLIC_MARKETPLACE="1", THROTTLE_MARKETPLACE="1000/min") as server:
        yield server


def number(server: OwnServer, query: str, *parameters: object) -> int:
    """The number that a query returns."""
    ((found,),) = server.database.sql(query, *parameters)
    return int(found)


def test_an_immediate_restart_loses_no_acknowledged_write(server: OwnServer, capsys: Any) -> None:
    _, token = server.person("Ana")
    writers = Writers(server.url, THREADS, **server.options(token))
    with writers.writing():
        assert wait_for(lambda: len(writers.stored()) > 50, PATIENCE)
        stopped_at = time.monotonic()
        server.database.crash()
        server.database.start()
        ready = time.monotonic() - stopped_at
        before = len(writers.stored())
        assert wait_for(lambda: len(writers.stored()) > before + 50, PATIENCE)
    rows = server.database.sql("select client_id::text from accounts_voiceconversation")
    found = Counter(client_id for (client_id,) in rows)
    lost = set(writers.stored()) - set(found)
    back = min(each.at for each in writers.answers if each.is_stored and each.sent_at > stopped_at)
    statuses = Counter(answer.status for answer in writers.answers)
    with capsys.disabled():
        print(
            f"\n{len(writers.stored())} acknowledged writes, {len(lost)} lost; statuses {dict(statuses)};"
            f" PostgreSQL ready after {ready:.1f} s, a write acknowledged after {back - stopped_at:.1f} s"
        )
    assert not lost and set(found.values()) == {1}
    assert set(statuses) <= {200, 201, 503} and statuses[503]
    assert back - stopped_at < BACK_SECONDS


def test_a_restart_is_no_error_on_idle_connections(server: OwnServer, capsys: Any) -> None:
    _, token = server.person("Ana")
    kinds: dict[int, list[Callable[[], requests.Response]]] = {
        200: [
            lambda: server.request("GET", ME, token),
            lambda: server.request("GET", "/accounts/gigs/"),
            lambda: server.request("GET", "/ready/"),
        ],
        201: [lambda: server.request("POST", VOICE, token, json=CONVERSATION)],
        302: [lambda: server.request("GET", "/admin/", allow_redirects=False)],
        400: [lambda: server.request("POST", "/accounts/token/refresh/", json={})],
    }
    idle, found = 0, Counter[tuple[int, int]]()
    with ThreadPoolExecutor(2 * THREADS) as pool:
        for expected, sends in kinds.items():
            for send in sends:
                list(pool.map(lambda _: server.request("GET", VOICE, token), range(3 * THREADS)))
                idle += number(server, CLIENTS)
                server.database.crash()
                server.database.start()
                answers = pool.map(lambda _, send=send: send(), range(2 * THREADS))
                found.update((expected, answer.status_code) for answer in answers)
    with capsys.disabled():
        print(f"\n6 restarts, {idle} idle connections; answers by (expected, status): {dict(found)}")
    assert idle >= 6 * THREADS / 2
    assert all(expected == status for expected, status in found)


def test_a_stopped_postgresql_is_a_503_within_the_limit(server: OwnServer, capsys: Any) -> None:
    _, token = server.person("Ana")
    answers: list[tuple[int, float]] = []
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            begun = time.monotonic()
            response = server.request("GET", VOICE, token)
            answers.append((response.status_code, time.monotonic() - begun))
            assert response.status_code == 200 or response.json()["code"] == "database_unavailable"

    with ThreadPoolExecutor(THREADS) as pool:
        with server.database.frozen():
            readers = [pool.submit(read) for _ in range(THREADS)]
            time.sleep(FROZEN_SECONDS)
        thawed_at = time.monotonic()
        is_back = wait_for(lambda: server.request("GET", "/ready/").status_code == 200, PATIENCE)
        back = time.monotonic() - thawed_at
        ended.set()
    for reader in readers:
        reader.result()
    refused = [seconds for status, seconds in answers if status == 503]
    with capsys.disabled():
        print(
            f"\nPostgreSQL stopped for {FROZEN_SECONDS} s: {len(refused)} answers 503 after"
            f" {min(refused):.1f} to {max(refused):.1f} s, no other error;"
            f" slowest answer {max(s for _, s in answers):.1f} s; ready {back:.1f} s afterwards"
        )
    assert len(refused) >= THREADS and {status for status, _ in answers} <= {200, 503}
    assert max(seconds for _, seconds in answers) < LIMIT_SECONDS
    assert is_back and back < BACK_SECONDS


def kill_during(server: OwnServer, lock: str, send: Callable[[], requests.Response]) -> int:
    """Kills gunicorn's workers while the request waits for a lock; returns the status of nginx."""
    with ThreadPoolExecutor(1) as pool:
        with server.database.transaction(lock):
            answer = pool.submit(send)
            assert wait_for(lambda: number(server, BLOCKED), PATIENCE)
            for pid in server.workers():
                os.kill(pid, signal.SIGKILL)
            status = answer.result(PATIENCE).status_code
        assert wait_for(lambda: server.request("GET", "/ready/").status_code == 200, PATIENCE)
        assert wait_for(lambda: not number(server, f"{BLOCKED} or state <> 'idle'") > 1, PATIENCE)
    return status


def test_a_killed_worker_leaves_no_part_of_a_conversation(server: OwnServer, capsys: Any) -> None:
    _, token = server.person("Ana")
    body = {**CONVERSATION, "client_id": str(uuid.uuid4())}
    before = server.request("GET", f"{VOICE}summary/", token).json()

    def send() -> requests.Response:
        return server.request("POST", VOICE, token, json=body)

    # The trigger that counts practice waits for the lock: the conversation is inserted, and not committed.
    status = kill_during(server, "lock accounts_practicekind in exclusive mode", send)
    half = number(server, CONVERSATIONS, body["client_id"])
    same = server.request("GET", f"{VOICE}summary/", token).json() == before
    repeated = [send().status_code, send().status_code]
    rows = number(server, CONVERSATIONS, body["client_id"])
    with capsys.disabled():
        print(f"\nKilled during a write: {status}; rows {half}; repeated {repeated}; rows {rows}")
    assert (status, half, same, repeated, rows) == (503, 0, True, [201, 200], 1)


def test_a_killed_worker_leaves_no_part_of_a_message(server: OwnServer, capsys: Any) -> None:
    (_, token), (peer, peer_token) = server.person("Ana"), server.person("Zoe")
    chat = server.request("POST", CHATS, token, json={"participant": peer}).json()
    path = f"{CHATS}{chat['id']}/messages/"
    body = {"content": "Hola", "client_id": str(uuid.uuid4())}

    def send() -> requests.Response:
        return server.request("POST", path, token, json=body)

    def seen() -> tuple[int, int]:
        """The number of messages, and of those that the peer has not read."""
        unread = server.request("GET", f"{CHATS}{chat['id']}/", peer_token).json()["unread_count"]
        return len(server.request("GET", path, token, params={"after_seq": 0}).json()), unread

    # Row locks and the message itself do not wait for these locks, updates of the chat and its counts do.
    status = kill_during(server, "lock accounts_chat, accounts_participant in share mode", send)
    half = seen()
    repeated = [send(), send()]
    statuses, numbers = zip(*((each.status_code, each.json()["seq"]) for each in repeated), strict=True)
    with capsys.disabled():
        print(
            f"\nKilled during a message: {status}; (messages, unread) {half}, repeated {statuses}: {seen()}"
        )
    assert (status, half, statuses, numbers, seen()) == (503, (0, 0), (201, 200), (1, 1), (1, 1))
