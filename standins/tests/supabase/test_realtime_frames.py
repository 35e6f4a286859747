"""Realtime's frames in both protocol versions: handshake, joins, broadcasts, limits, hostile frames."""

import json
import logging
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from standins.supabase.realtime import limits
from standins.tests.fixtures.auth import AuthApi
from standins.tests.fixtures.realtime import VERSIONS, OpenSocket, RawSocket, pushed_broadcast

pytestmark = pytest.mark.usefixtures("no_accounts")

OK = {"status": "ok", "response": {}}
JOINED = {"status": "ok", "response": {"postgres_changes": []}}


@pytest.fixture(params=VERSIONS)
def client(request: pytest.FixtureRequest, open_socket: OpenSocket) -> RawSocket:
    """A socket of each version."""
    return open_socket(request.param)


def address(auth: AuthApi, query: str) -> str:
    return f"{auth.url.replace('http', 'ws')}/realtime/v1/websocket{query}"


def test_frames_of_version_1_are_objects_and_the_default(auth: AuthApi) -> None:
    with connect(address(auth, f"?apikey={auth.keys.publishable_key}")) as connection:
        join = {"topic": "realtime:room", "event": "phx_join", "payload": {"config": {}}, "ref": "7"}
        connection.send(json.dumps(join))
        assert json.loads(connection.recv()) == {
            "topic": "realtime:room",
            "event": "phx_reply",
            "payload": JOINED,
            "ref": "7",
            "join_ref": "7",
        }


def test_frames_of_version_2_are_arrays(auth: AuthApi) -> None:
    with connect(address(auth, f"?apikey={auth.keys.publishable_key}&vsn=2.0.0")) as connection:
        connection.send('["3","4","realtime:room","phx_join",{"config":{}}]')
        assert json.loads(connection.recv()) == ["3", "4", "realtime:room", "phx_reply", JOINED]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 401),
        ("?apikey=sb_publishable_other", 401),
        ("?apikey={key}&vsn=3.0.0", 403),
        ("?apikey={secret}", None),
    ],
)
def test_handshake_requires_a_key_of_the_project(auth: AuthApi, query: str, status: int | None) -> None:
    query = query.format(key=auth.keys.publishable_key, secret=auth.keys.secret_key)
    if status is None:
        connect(address(auth, query)).close()
        return
    with pytest.raises(InvalidStatus) as refused:
        connect(address(auth, query))
    assert refused.value.response.status_code == status
    assert set(json.loads(refused.value.response.body)) & {"error", "message"}


def test_secret_key_is_refused_from_a_browser(auth: AuthApi) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(address(auth, f"?apikey={auth.keys.secret_key}"), user_agent_header="Mozilla/5.0")
    assert refused.value.response.status_code == 401


def test_keys_are_not_logged(auth: AuthApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    connect(address(auth, f"?apikey={auth.keys.secret_key}")).close()
    with pytest.raises(InvalidStatus):
        connect(address(auth, "?apikey=sb_secret_other"))
    ours = (record for record in caplog.records if not record.name.startswith("websockets.client"))
    log = "\n".join(record.getMessage() for record in ours)
    assert "WEBSOCKET /realtime/v1/websocket 101" in log
    assert "WEBSOCKET /realtime/v1/websocket 401" in log
    assert "sb_secret" not in log


def test_heartbeat_has_a_reply(client: RawSocket) -> None:
    ref = client.send("phoenix", "heartbeat")
    answer = client.receive()
    assert (answer["topic"], answer["event"], answer["ref"]) == ("phoenix", "phx_reply", ref)
    assert answer["payload"] == OK
    client.send("phoenix", "heartbeat", ref=None)  # as supabase-py sends it
    assert client.receive()["ref"] is None


def test_client_joins_and_leaves(client: RawSocket) -> None:
    assert client.join("room") == JOINED
    ref = client.send("realtime:room", "phx_leave", join_ref="1")
    answer, close = client.receive(), client.receive()
    assert (answer["event"], answer["ref"], answer["payload"]) == ("phx_reply", ref, OK)
    assert (close["event"], close["ref"], close["join_ref"]) == ("phx_close", "1", "1")
    client.send("realtime:room", "broadcast", {"event": "a", "payload": {}})
    assert client.receive()["payload"] == {"status": "error", "response": {"reason": "unmatched topic"}}


def test_second_join_of_a_topic_replaces_the_first(client: RawSocket) -> None:
    client.join("room")
    ref = client.send("realtime:room", "phx_join", {"config": {"broadcast": {"self": True}}})
    close, answer = client.receive(), client.receive()
    assert (close["event"], close["join_ref"]) == ("phx_close", "1")
    assert (answer["ref"], answer["payload"]) == (ref, JOINED)
    # Messages with the join_ref of the first join are ignored.
    client.send("realtime:room", "phx_leave", join_ref="1")
    client.send("realtime:room", "broadcast", {"type": "broadcast", "event": "a", "payload": {}})
    assert client.receive()["payload"]["event"] == "a"


@pytest.mark.parametrize(
    ("topic", "reason"),
    [("room", "unmatched topic"), ("realtime:", "TopicNameRequired: You must provide a topic name")],
)
def test_channel_needs_a_name(client: RawSocket, topic: str, reason: str) -> None:
    client.send(topic, "phx_join", {"config": {}})
    assert client.receive()["payload"] == {"status": "error", "response": {"reason": reason}}


def test_postgres_changes_are_refused_with_an_alternative(client: RawSocket) -> None:
    changes = [{"event": "*", "schema": "public", "table": "accounts_user"}]
    reply = client.join("room", {"postgres_changes": changes})
    assert reply["status"] == "error" and "realtime.send()" in reply["response"]["reason"]


def test_public_broadcast_reaches_the_other_members(client: RawSocket, open_socket: OpenSocket) -> None:
    others = [open_socket(version) for version in VERSIONS]
    for each in (client, *others):
        each.join("room")
    open_socket().join("another room")
    content = {"type": "broadcast", "event": "hi", "payload": {"who": "Ana", "n": [1, None, "é"]}}
    client.send("realtime:room", "broadcast", content)
    for other in others:
        message = other.receive()
        assert (message["event"], message["payload"]) == ("broadcast", content)
        assert (message["topic"], message["ref"]) == ("realtime:room", None)
    assert client.is_silent()


def test_broadcast_is_returned_and_acknowledged_on_request(client: RawSocket) -> None:
    client.join("room", {"broadcast": {"self": True, "ack": True}})
    ref = client.send("realtime:room", "broadcast", {"type": "broadcast", "event": "hi", "payload": {}})
    own, ack = client.receive(), client.receive()
    assert own["event"] == "broadcast"
    assert (ack["event"], ack["ref"], ack["payload"]) == ("phx_reply", ref, OK)


@pytest.mark.parametrize("payload", [b'{"n": 1.50, "deep": [{}]}', b'"text"', b"null"])
def test_binary_broadcast_reaches_both_versions(open_socket: OpenSocket, payload: bytes) -> None:
    sender, *others = (open_socket(version) for version in ("2.0.0", *VERSIONS))
    sender.join("room", {"broadcast": {"ack": True}})
    for other in others:
        other.join("room")
    sender.connection.send(pushed_broadcast("realtime:room", "hi", payload))
    ack = sender.receive()
    assert (ack["ref"], ack["join_ref"], ack["payload"]) == ("9", "1", OK)
    for other in others:
        expected = {"type": "broadcast", "event": "hi", "payload": json.loads(payload)}
        assert other.receive()["payload"] == expected


MALFORMED: list[str | bytes] = [
    *("", "{", "[]", "1", "null", '"a"', "[1,2,3,4,5]", '["1","1","realtime:a","phx_join",[]]', "NaN"),
    *('["1","1","realtime:a","phx_join",{"a":NaN}]', '["1","1","realtime:a","phx_join",{"a":1e999}]'),
    *('["1",{},"realtime:a","phx_join",{}]', '[true,"1","realtime:a","phx_join",{}]'),
    *('["1","1","realtime:\\u0000","phx_join",{}]', '["1","1","realtime:\\ud800","phx_join",{}]'),
    '["1","1","realtime:a","x",' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "]",
    '{"topic": 1, "event": "phx_join", "payload": {}}',
    *(b"", b"\x03", b"\x01" * 20, b"\x03\xff\xff\xff\xff\xff\x01abc", b"\x04\x01\x01\x01\x01abcd"),
    pushed_broadcast("realtime:room", "hi", b"{"),
    pushed_broadcast("realtime:room", "hi", b"\xff"),
    pushed_broadcast("realtime:room", "hi", b"\x00\xff", is_json=False),
]


@pytest.mark.parametrize("frame", MALFORMED)
def test_malformed_frame_closes_only_its_own_connection(
    client: RawSocket, open_socket: OpenSocket, frame: str | bytes
) -> None:
    bystander = open_socket()
    bystander.join("room")
    client.join("room")
    client.connection.send(frame)
    with pytest.raises(ConnectionClosed) as closed:
        client.receive()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1007
    assert bystander.is_silent()


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("broadcast", {}),
        ("broadcast", {"event": 1, "payload": "\ud800"}),
        ("presence", {}),
        ("presence", {"event": {}, "payload": 1}),
        ("presence", {"event": "track", "payload": [1]}),
        ("presence", {"event": "track", "payload": {"phx_ref": [1], "\x00": "\ud800"}}),
        ("access_token", {}),
        ("access_token", {"access_token": {"a": 1}}),
        ("phx_join", {"config": []}),
        ("phx_join", {"config": {"broadcast": 1, "presence": [], "private": "yes"}}),
        ("unknown", {"a": 1}),
        ("phx_reply", {}),
    ],
)
def test_unexpected_payloads_keep_the_connection_open(
    client: RawSocket, event: str, payload: dict[str, Any]
) -> None:
    client.join("room")
    client.send("realtime:room", event, payload)
    client.send("phoenix", "heartbeat", ref="last")
    while client.receive()["ref"] != "last":
        pass


def test_connection_has_at_most_a_hundred_channels(
    open_socket: OpenSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "JOINS_PER_SECOND", 1000)
    client = open_socket()
    for number in range(100):
        assert client.join(f"room {number}") == JOINED
    reply = client.join("one more")
    assert reply["response"]["reason"] == "ChannelRateLimitReached: Too many channels"
    client.send("realtime:room 0", "phx_join", {"config": {}})  # replaces the first join
    assert client.receive()["event"] == "phx_close"
    assert client.receive()["payload"] == JOINED


def test_too_many_joins_close_the_connection(client: RawSocket) -> None:
    for _ in range(limits.JOINS_PER_SECOND + 1):
        client.send("realtime:", "phx_join", {"config": {}})
    replies = [client.receive()["payload"]["response"]["reason"] for _ in range(101)]
    assert replies[99].startswith("TopicNameRequired")
    assert replies[100] == "ClientJoinRateLimitReached: Too many joins per second"
    with pytest.raises(ConnectionClosed) as closed:
        client.receive()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008


def test_large_broadcasts_are_refused_and_larger_frames_close_the_connection(
    client: RawSocket, open_socket: OpenSocket
) -> None:
    other = open_socket()
    other.join("room")
    client.join("room", {"broadcast": {"ack": True}})
    for size, status in ((limits.MAX_PAYLOAD_BYTES - 100, "ok"), (limits.MAX_PAYLOAD_BYTES, "error")):
        content = {"type": "broadcast", "event": "a", "payload": {"x": "a" * size}}
        client.send("realtime:room", "broadcast", content)
        assert client.receive()["payload"]["status"] == status
    assert len(other.receive()["payload"]["payload"]["x"]) == limits.MAX_PAYLOAD_BYTES - 100
    assert other.is_silent()
    with pytest.raises(ConnectionClosed):
        client.send("realtime:room", "broadcast", {"payload": {"x": "a" * limits.MAX_FRAME_BYTES}})
        client.receive()
    assert other.is_silent()


def test_client_that_does_not_read_is_disconnected(
    open_socket: OpenSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_WAITING_BYTES", 4_000_000)
    sender, lazy = open_socket(), open_socket(max_queue=1)
    for each in (sender, lazy):
        each.join("room", {"broadcast": {"ack": True}})
    content = {"type": "broadcast", "event": "a", "payload": {"x": "a" * 1_000_000}}
    for _ in range(40):
        sender.send("realtime:room", "broadcast", content)
        assert sender.receive()["payload"] == OK
    with pytest.raises(ConnectionClosed):
        for _ in range(40):
            lazy.receive()
    assert sender.is_silent()
