"""Broadcast from the database: committed rows are delivered once and in order, other rows never."""

import json
import queue
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from standins.supabase.realtime import listener
from standins.tests.fixtures.auth import AuthApi, serve
from standins.tests.fixtures.realtime import (
    PATIENCE,
    PRIVATE,
    VERSIONS,
    OpenSocket,
    RawSocket,
    add_member,
    send_from_database,
)

pytestmark = pytest.mark.usefixtures("rooms")

LISTENERS = """from pg_stat_activity
    where application_name = 'standin_realtime' and datname = current_database()"""
NOBODY = f"not exists (select 1 {LISTENERS})"


@pytest.fixture
def token(auth: AuthApi) -> str:
    """The access token of a member of room:1."""
    return add_member(auth, "room:1", auth.sign_up())


@pytest.fixture(params=VERSIONS)
def client(request: pytest.FixtureRequest, open_socket: OpenSocket, token: str) -> RawSocket:
    """A member that has joined room:1."""
    client = open_socket(request.param)
    assert client.join("room:1", PRIVATE, token)["status"] == "ok"
    return client


@pytest.fixture
def connection(auth: AuthApi) -> Iterator[Any]:
    """A second connection to the database."""
    with closing(auth.connect()) as connection:
        yield connection


def numbers(client: RawSocket, count: int) -> list[int]:
    return [message["payload"]["n"] for message in client.receive_all("broadcast", count)]


def listeners(auth: AuthApi) -> set[int]:
    return {row[0] for row in auth.sql(f"select pid {LISTENERS}")}


def test_row_is_delivered_with_its_payload_and_id(auth: AuthApi, client: RawSocket) -> None:
    payload = {"id": 7, "text": "olá \u0001", "n": 1.50, "deep": [{"a": None}]}
    send_from_database(auth, "room:1", payload)
    message = client.receive()
    ((row_id,),) = auth.sql("select id::text from realtime.messages")
    assert message == {
        "topic": "realtime:room:1",
        "event": "broadcast",
        "payload": {"type": "broadcast", "event": "message", "payload": payload, "meta": {"id": row_id}},
        "ref": None,
        "join_ref": None,
    }
    assert client.is_silent()


def test_payload_without_an_id_gets_the_id_of_the_row(auth: AuthApi, client: RawSocket) -> None:
    send_from_database(auth, "room:1", {"n": 1})
    (content,) = client.receive_all("broadcast", 1)
    assert content["payload"] == {"n": 1, "id": content["meta"]["id"]}


@pytest.mark.parametrize("kilobytes", [8, 100, 2000])
def test_payloads_larger_than_a_notification_are_delivered_whole(
    auth: AuthApi, client: RawSocket, kilobytes: int
) -> None:
    payload = {"id": 1, "text": "ab" * 512 * kilobytes}
    send_from_database(auth, "room:1", payload)
    (content,) = client.receive_all("broadcast", 1)
    assert content["payload"] == payload


def test_numbers_keep_their_digits(auth: AuthApi, open_socket: OpenSocket, token: str) -> None:
    client = open_socket("1.0.0")
    client.join("room:1", PRIVATE, token)
    auth.sql("""select realtime.send('{"id": 12345678901234567890.10}', 'message', 'room:1')""")
    assert '"id": 12345678901234567890.10' in str(client.connection.recv(timeout=5))


def test_row_is_delivered_only_to_its_topic_and_kind_of_channel(
    auth: AuthApi, client: RawSocket, open_socket: OpenSocket
) -> None:
    public = open_socket()
    public.join("room:1")
    send_from_database(auth, "room:2", {"n": 0})
    send_from_database(auth, "room:1", {"n": 1}, private=False)
    send_from_database(auth, "room:1", {"n": 2})
    assert numbers(public, 1) == [1] and numbers(client, 1) == [2]
    assert public.is_silent() and client.is_silent()


def test_commit_delivers_all_rows_in_order_and_rollback_none(client: RawSocket, connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("""select realtime.send('{"n": -1}', 'message', 'room:1')""")
        connection.rollback()
        cursor.execute("""select realtime.send(jsonb_build_object('n', n), 'message', 'room:1')
            from generate_series(1, 50) n""")
        cursor.execute("savepoint half")
        cursor.execute("""select realtime.send('{"n": -2}', 'message', 'room:1')""")
        cursor.execute("rollback to half")
        time.sleep(0.1)
        assert client.is_silent()
        connection.commit()
    assert numbers(client, 50) == list(range(1, 51))
    assert client.is_silent()


def test_row_of_a_long_transaction_is_delivered_at_its_commit(
    auth: AuthApi, client: RawSocket, connection: Any
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("""select realtime.send('{"n": 1}', 'message', 'room:1')""")
        send_from_database(auth, "room:1", {"n": 2})
        assert numbers(client, 1) == [2]
        connection.commit()
    assert numbers(client, 1) == [1]
    assert client.is_silent()


def test_rows_of_concurrent_writers_are_delivered_once(auth: AuthApi, client: RawSocket) -> None:
    def write(writer: int) -> None:
        with closing(auth.connect()) as connection:
            for number in range(50):
                with connection, connection.cursor() as cursor:
                    payload = json.dumps({"n": writer * 1000 + number})
                    cursor.execute("select realtime.send(%s, 'message', 'room:1')", (payload,))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    found = numbers(client, 200)
    assert sorted(found) == [writer * 1000 + number for writer in range(4) for number in range(50)]
    for writer in range(4):
        own = [number for number in found if number // 1000 == writer]
        assert own == sorted(own)
    assert client.is_silent()


def test_rows_committed_during_a_lost_connection_are_delivered(
    auth: AuthApi, client: RawSocket, connection: Any
) -> None:
    send_from_database(auth, "room:1", {"n": 0})
    assert numbers(client, 1) == [0]
    connection.autocommit = True
    with closing(auth.connect()) as slow, slow.cursor() as long, connection.cursor() as cursor:
        long.execute("""select realtime.send('{"n": 1}', 'message', 'room:1')""")  # commits at the end
        assert listeners(auth)
        is_sent = False
        deadline = time.monotonic() + PATIENCE
        while not is_sent and time.monotonic() < deadline:
            cursor.execute(f"select pg_terminate_backend(pid) {LISTENERS}")
            # The listener connects again soon. The row counts only if it is committed before that.
            cursor.execute(f"""select realtime.send('{{"n": 2}}', 'message', 'room:1') where {NOBODY}""")
            is_sent = cursor.fetchone() is not None
        assert is_sent
        while not listeners(auth):
            time.sleep(0.01)
        slow.commit()
    assert sorted(numbers(client, 2)) == [1, 2]
    assert client.is_silent()
    send_from_database(auth, "room:1", {"n": 3})
    assert numbers(client, 1) == [3]


def test_each_server_of_a_database_delivers_every_row(
    auth: AuthApi, client: RawSocket, open_socket: OpenSocket, token: str
) -> None:
    with serve(auth.connect, auth.keys) as second:
        other = open_socket(url=second.url)
        assert other.join("room:1", PRIVATE, token)["status"] == "ok"
        send_from_database(auth, "room:1", {"n": 1})
        assert numbers(client, 1) == numbers(other, 1) == [1]
        assert client.is_silent() and other.is_silent()


def test_row_from_before_the_start_is_not_delivered(
    auth: AuthApi, open_socket: OpenSocket, token: str
) -> None:
    send_from_database(auth, "room:1", {"n": 1})
    with serve(auth.connect, auth.keys) as second:
        other = open_socket(url=second.url)
        other.join("room:1", PRIVATE, token)
        send_from_database(auth, "room:1", {"n": 2})
        assert numbers(other, 1) == [2]


def test_sending_never_fails_the_transaction(client: RawSocket, connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select realtime.send('[1]', 'message', 'room:1')")
        cursor.execute("""select realtime.send('{"n": 0}', 'message', null)""")
        cursor.execute("set local role authenticated")
        cursor.execute("""select realtime.send('{"n": 0}', 'message', 'room:1')""")
        cursor.execute("reset role")
        cursor.execute("""select realtime.send('{"n": 1}', 'message', 'room:1')""")
        connection.commit()
    warnings = [notice for notice in connection.notices if "WarnSendingBroadcastMessage" in notice]
    assert len(warnings) == 3 and "row-level security" in warnings[2]
    assert numbers(client, 1) == [1]


def test_rows_older_than_three_days_are_removed(auth: AuthApi) -> None:
    for hours in (71, 73):
        send_from_database(auth, "room:1", {"hours": hours})
    auth.sql("""update realtime.messages
        set inserted_at = inserted_at - make_interval(hours => (payload ->> 'hours')::int)""")
    with serve(auth.connect, auth.keys):
        deadline = time.monotonic() + 5
        while auth.sql("select count(*) from realtime.messages") != [(1,)] and time.monotonic() < deadline:
            time.sleep(0.02)
    assert auth.sql("select payload -> 'hours' from realtime.messages") == [(71,)]


def test_stopped_server_closes_its_connection_and_sockets(
    auth: AuthApi, open_socket: OpenSocket, token: str
) -> None:
    deadline = time.monotonic() + 5  # PostgreSQL ends a session a little after its connection
    while len(before := listeners(auth)) != 1 and time.monotonic() < deadline:
        time.sleep(0.02)
    with serve(auth.connect, auth.keys) as second:
        for _ in range(5):
            client = open_socket(url=second.url)
            client.join("room:1", PRIVATE, token)
        send_from_database(auth, "room:1", {"n": 1})
        assert numbers(client, 1) == [1]
        assert len(listeners(auth)) == len(before) + 1
        began = time.monotonic()
    assert time.monotonic() - began < 1.5
    deadline = time.monotonic() + 5
    while listeners(auth) != before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert listeners(auth) == before
    with pytest.raises(Exception, match="1012"):
        client.receive()


def test_server_without_a_database_stops_at_once(auth: AuthApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "START_SECONDS", 0)
    monkeypatch.setattr(listener, "FIRST_WAIT", listener.LONGEST_WAIT)

    def away() -> Any:
        raise psycopg2.OperationalError("away")

    with serve(away, auth.keys):
        time.sleep(0.3)
        began = time.monotonic()
    assert time.monotonic() - began < 1


def test_listener_waits_longer_before_each_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[float] = []
    monkeypatch.setattr(listener, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(listener, "START_SECONDS", 0)

    def away() -> Any:
        attempts.append(time.monotonic())
        raise psycopg2.OperationalError("away")

    waiting = listener.Listener(away, lambda rows: None)
    waiting.start()
    time.sleep(0.4)
    waiting.stop()
    assert 3 <= len(attempts) <= 6


def test_row_committed_during_a_query_is_delivered_at_once(
    auth: AuthApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered: queue.Queue[Any] = queue.Queue()
    read = listener.Listener._read_new_rows

    def read_too_early(self: listener.Listener, cursor: Any) -> None:
        read(self, cursor)
        monkeypatch.undo()
        send_from_database(auth, "room:1", {"n": 1})
        time.sleep(0.1)
        cursor.execute("select 1")  # receives the notification

    monkeypatch.setattr(listener.Listener, "_read_new_rows", read_too_early)
    waiting = listener.Listener(auth.connect, delivered.put)
    waiting.start()
    try:
        (row,) = delivered.get(timeout=2)
        assert json.loads(row.payload)["payload"]["n"] == 1
    finally:
        waiting.stop()
