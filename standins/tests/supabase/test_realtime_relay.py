"""What clients send reaches the sockets of every stand-in of the database, by the event's right."""

import json
import time
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from standins.supabase.realtime import limits, policies
from standins.tests.fixtures.auth import CLIENT, AuthApi, serve
from standins.tests.fixtures.realtime import (
    PRIVATE,
    VERSIONS,
    OpenSocket,
    RawSocket,
    add_member,
    pushed_broadcast,
    send_from_database,
)

pytestmark = pytest.mark.usefixtures("rooms")

ACK = {"broadcast": {"ack": True}}
TYPING = {"type": "broadcast", "event": "typing", "payload": {"n": 1}}


@pytest.fixture
def token(auth: AuthApi) -> str:
    """Of a member of two chats."""
    session = auth.sign_up()
    add_member(auth, "chat:2", session)
    return add_member(auth, "chat:1", session)


@pytest.fixture
def elsewhere(auth: AuthApi) -> Iterator[AuthApi]:
    """Another stand-in over the same database."""
    with serve(auth.connect, auth.keys) as second:
        yield second


@pytest.fixture(params=VERSIONS)
def far(request: pytest.FixtureRequest, open_socket: OpenSocket, elsewhere: AuthApi) -> RawSocket:
    """A socket of the other stand-in, in each version."""
    return open_socket(request.param, url=elsewhere.url)


@pytest.mark.parametrize("config", [{}, PRIVATE])
def test_a_broadcast_reaches_the_sockets_of_another_process_once(
    far: RawSocket, open_socket: OpenSocket, token: str, config: dict[str, Any]
) -> None:
    near, sender = open_socket(), open_socket()
    for client in (far, near, sender):
        assert client.join("chat:1", config | ACK, token)["status"] == "ok"
    for number in range(20):
        sender.send("realtime:chat:1", "broadcast", TYPING | {"payload": {"n": number}})
        assert sender.receive()["payload"]["status"] == "ok"
    for client in (far, near):
        messages = client.receive_all("broadcast", 20)
        assert [message["payload"]["n"] for message in messages] == list(range(20))
    assert sender.is_silent() and near.is_silent() and far.is_silent()


def test_a_sender_that_asks_for_its_own_gets_it_once(
    far: RawSocket, open_socket: OpenSocket, token: str
) -> None:
    sender = open_socket()
    for client in (far, sender):
        client.join("chat:1", {**PRIVATE, "broadcast": {"self": True}}, token)
    sender.send("realtime:chat:1", "broadcast", TYPING)
    assert sender.receive()["payload"] == far.receive()["payload"] == TYPING
    assert sender.is_silent()


def test_the_other_process_keeps_public_and_private_apart(
    far: RawSocket, open_socket: OpenSocket, elsewhere: AuthApi, token: str
) -> None:
    private, sender = open_socket(url=elsewhere.url), open_socket()
    private.join("chat:1", PRIVATE, token)
    for client in (far, sender):
        client.join("chat:1")
    sender.send("realtime:chat:1", "broadcast", {"event": "message", "payload": {}})
    assert far.receive()["payload"]["event"] == "message"
    assert private.is_silent()


@pytest.mark.parametrize("size", [10, 9_000, 200_000])
def test_binary_frames_reach_another_process(far: RawSocket, open_socket: OpenSocket, size: int) -> None:
    sender = open_socket()
    for client in (far, sender):
        client.join("room")
    content = json.dumps({"x": "é" * size}).encode()
    sender.connection.send(pushed_broadcast("realtime:room", "hi", content))
    assert far.receive()["payload"]["payload"] == json.loads(content)
    sender.connection.send(pushed_broadcast("realtime:room", "raw", b"\x00\xff", is_json=False))
    sender.connection.send(pushed_broadcast("realtime:room", "null\x00", b"null"))
    if far.version == "2.0.0":
        assert far.receive()["payload"]["payload"] == b"\x00\xff"
    last = far.receive()["payload"]
    assert (last["event"], last["payload"]) == ("null\ufffd", None)


def test_a_broadcast_over_http_reaches_another_process(auth: AuthApi, far: RawSocket, token: str) -> None:
    far.join("chat:1", PRIVATE, token)
    messages = [
        {"topic": "chat:1", "event": event, "payload": {"n": 1}, "private": True}
        for event in ("message", "typing")
    ]
    headers = {"apikey": auth.keys.publishable_key, "authorization": f"Bearer {token}"}
    url = f"{auth.url}/realtime/v1/api/broadcast"
    assert CLIENT.post(url, json={"messages": messages}, headers=headers).status_code == 202
    (content,) = far.receive_all("broadcast", 1)
    assert (content["event"], content["payload"]) == ("typing", {"n": 1})
    assert far.is_silent()


def test_what_was_relayed_is_no_message_and_nobody_else_reads_it(
    auth: AuthApi, far: RawSocket, open_socket: OpenSocket
) -> None:
    sender = open_socket()
    for client in (far, sender):
        client.join("room", ACK)
    sender.send("realtime:room", "broadcast", TYPING)
    assert far.receive()["payload"] == TYPING
    assert auth.sql("select count(*) from realtime.messages") == [(0,)]
    for role in ("anon", "authenticated", "service_role"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            auth.sql(f"set local role {role}; select * from standin.client_broadcasts")


def test_rows_on_their_way_are_removed_after_a_minute(auth: AuthApi) -> None:
    def left() -> list[str]:
        kept = "select event from standin.client_broadcasts where event in ('old', 'new') order by event"
        return [event for (event,) in auth.sql(kept)]

    auth.sql("""insert into standin.client_broadcasts (process, topic, private, event, payload, sent_at)
        values (gen_random_uuid(), 'room', false, 'old', '{}', now() - interval '61 seconds'),
               (gen_random_uuid(), 'room', false, 'new', '{}', now())""")
    with serve(auth.connect, auth.keys):
        deadline = time.monotonic() + 5
        while left() == ["new", "old"] and time.monotonic() < deadline:
            time.sleep(0.02)
    assert left() == ["new"]


def test_without_a_database_those_here_are_reached(
    open_socket: OpenSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender, near = open_socket(), open_socket()
    for client in (sender, near):
        client.join("room", ACK)
    monkeypatch.setattr("standins.supabase.realtime.relay.TO_OTHERS", "select 1 / 0, %s, %s, %s, %s, %s, %s")
    sender.send("realtime:room", "broadcast", TYPING)
    assert sender.receive()["payload"]["status"] == "ok"
    assert near.receive()["payload"] == TYPING


@pytest.mark.parametrize("binary", [False, True])
def test_a_policy_may_admit_one_event_alone(open_socket: OpenSocket, token: str, binary: bool) -> None:
    sender, other = open_socket(), open_socket()
    for client in (sender, other):
        client.join("chat:1", PRIVATE | ACK, token)
    for event in ("typing", "message", "TYPING", "typing\x00", "", "typing"):
        if binary:
            sender.connection.send(pushed_broadcast("realtime:chat:1", event, b"{}"))
        else:
            sender.send("realtime:chat:1", "broadcast", {"event": event, "payload": {}})
    sender.send("realtime:chat:1", "broadcast", {"event": ["typing"], "payload": {}})
    sender.send("realtime:chat:1", "broadcast", {"payload": {}})
    acknowledged = [sender.receive()["event"] for _ in range(2)]
    assert acknowledged == ["phx_reply"] * 2 and sender.is_silent()
    assert [content["event"] for content in other.receive_all("broadcast", 2)] == ["typing"] * 2
    assert other.is_silent()


def test_the_right_to_an_event_is_asked_once_for_a_token(
    open_socket: OpenSocket, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    may_write = policies.may_write

    def counting(cursor: Any, caller: Any, topic: str, extension: str, event: str | None = None) -> bool:
        asked.append(str(event))
        return may_write(cursor, caller, topic, extension, event)

    monkeypatch.setattr(policies, "may_write", counting)
    monkeypatch.setattr(limits, "REMEMBERED_EVENTS", 3)
    client = open_socket()
    client.join("chat:1", PRIVATE, token)
    for event in ("typing", "a", "typing", "a", "b", "c", "typing"):
        client.send("realtime:chat:1", "broadcast", {"event": event, "payload": {}})
    assert client.is_silent()
    assert asked == ["typing", "a", "b", "c", "typing"]


def test_a_row_and_a_broadcast_reach_another_process_alike(
    auth: AuthApi, far: RawSocket, open_socket: OpenSocket, token: str
) -> None:
    sender = open_socket()
    far.join("chat:1", PRIVATE, token)
    sender.join("chat:1", PRIVATE | ACK, token)
    send_from_database(auth, "chat:1", {"n": 1})
    assert far.receive()["payload"]["payload"]["n"] == 1
    assert sender.receive()["payload"]["payload"]["n"] == 1
    sender.send("realtime:chat:1", "broadcast", TYPING)
    assert far.receive()["payload"] == TYPING
