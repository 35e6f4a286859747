"""Broadcasts over HTTP."""

import json
from typing import Any

import httpx
import pytest

from standins.supabase.realtime import limits
from standins.tests.fixtures.auth import CLIENT, AuthApi
from standins.tests.fixtures.realtime import PRIVATE, VERSIONS, OpenSocket, RawSocket, add_member

pytestmark = pytest.mark.usefixtures("rooms")

MESSAGE = {"topic": "open:1", "event": "hi", "payload": {"n": 1}}


def post(
    auth: AuthApi, path: str = "", body: Any = None, *, token: str = "", **headers: str
) -> httpx.Response:
    named = {"apikey": auth.keys.publishable_key} | {
        name.replace("_", "-"): headers[name] for name in headers
    }
    if token:
        named["authorization"] = f"Bearer {token}"
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return CLIENT.post(f"{auth.url}/realtime/v1/api/broadcast{path}", content=content, headers=named)


def send(auth: AuthApi, *messages: Any, **options: str) -> int:
    answer = post(auth, body={"messages": messages}, **options)
    assert answer.content == b"" or answer.status_code != 202
    return answer.status_code


@pytest.fixture
def token(auth: AuthApi) -> str:
    """Of a member of open:1 and room:1."""
    session = auth.sign_up()
    add_member(auth, "open:1", session)
    return add_member(auth, "room:1", session)


@pytest.fixture(params=VERSIONS)
def client(request: pytest.FixtureRequest, open_socket: OpenSocket, token: str) -> RawSocket:
    """In the private open:1 and room:1, and in the public "lobby"."""
    client = open_socket(request.param)
    for name, config in (("open:1", PRIVATE), ("room:1", PRIVATE), ("lobby", {})):
        assert client.join(name, config, token)["status"] == "ok"
    return client


def test_messages_reach_public_rooms(auth: AuthApi, client: RawSocket) -> None:
    assert send(auth, MESSAGE | {"topic": "lobby"}, MESSAGE | {"topic": "nobody there"}, MESSAGE) == 202
    assert client.receive()["payload"] == {"type": "broadcast", "event": "hi", "payload": {"n": 1}}
    assert client.is_silent()


def test_private_messages_need_the_right_to_write(auth: AuthApi, client: RawSocket, token: str) -> None:
    private = [MESSAGE | {"topic": topic, "private": True} for topic in ("room:1", "open:1", "open:1")]
    assert send(auth, *private) == 202
    assert client.is_silent()
    assert send(auth, *private, token=token) == 202
    assert [client.receive()["topic"] for _ in range(2)] == ["realtime:open:1"] * 2
    assert client.is_silent()
    assert send(auth, private[0], apikey=auth.keys.secret_key) == 202
    assert client.receive()["topic"] == "realtime:room:1"


@pytest.mark.parametrize(
    "body",
    [
        *({}, [], {"messages": []}, {"messages": {}}, {"messages": [1]}, {"messages": [MESSAGE] * 101}, b"{"),
        {"messages": [MESSAGE | {"topic": ""}]},
        {"messages": [MESSAGE | {"topic": "\x00"}]},
        {"messages": [MESSAGE | {"event": None}]},
        {"messages": [MESSAGE | {"payload": "text"}]},
        {"messages": [MESSAGE, {"topic": "lobby", "event": "hi"}]},
        b'{"messages": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        {"messages": [MESSAGE | {"payload": {"a": "x" * limits.MAX_PAYLOAD_BYTES}}]},
    ],
)
def test_bad_input_is_refused_whole(auth: AuthApi, client: RawSocket, body: Any) -> None:
    answer = post(auth, body=body)
    assert answer.status_code == 422 and answer.json()["errors"]
    assert client.is_silent()


def test_a_body_beyond_the_limit_is_refused(auth: AuthApi) -> None:
    assert post(auth, body=b" " * (limits.MAX_FRAME_BYTES + 1)).status_code == 413


def test_a_bad_token_and_a_missing_key_are_refused(auth: AuthApi, token: str) -> None:
    assert send(auth, MESSAGE, token="abc") == 401
    auth.call("POST", "/logout", token=token)
    assert send(auth, MESSAGE, token=token) == 401
    assert send(auth, MESSAGE, apikey="sb_secret_other") == 401
    assert send(auth, MESSAGE, token=auth.keys.publishable_key) == 202


def test_an_event_has_an_address_of_its_own(auth: AuthApi, client: RawSocket, token: str) -> None:
    assert post(auth, "/lobby/events/hi", {"n": 1}).status_code == 202
    assert client.receive()["payload"]["payload"] == {"n": 1}
    assert post(auth, "/lobby/events/a%2Fb%20c", ["any", "JSON"]).status_code == 202
    assert client.receive()["payload"]["event"] == "a/b c"
    assert post(auth, "/open%3A1/events/hi?private=true", 1).status_code == 202
    assert client.is_silent()
    assert post(auth, "/open%3A1/events/hi?private=true", 1, token=token).status_code == 202
    assert client.receive()["payload"]["payload"] == 1


def test_an_event_may_carry_bytes(auth: AuthApi, client: RawSocket) -> None:
    answer = post(auth, "/lobby/events/hi", b"\x00\xff", content_type="application/octet-stream")
    assert answer.status_code == 202
    if client.version == "2.0.0":
        assert client.receive()["payload"]["payload"] == b"\x00\xff"
    assert client.is_silent()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/lobby/events/hi", b"{", 422),
        ("/lobby/events/%00", b"1", 422),
        ("/lobby/events/hi", b'"' + b"a" * limits.MAX_PAYLOAD_BYTES + b'"', 413),
        ("/lobby/events/", b"1", 422),
        ("/lobby", b"1", 404),
    ],
)
def test_an_event_refuses(auth: AuthApi, path: str, body: bytes, status: int) -> None:
    assert post(auth, path, body).status_code == status


def test_browsers_of_other_origins_may_send(auth: AuthApi) -> None:
    url = f"{auth.url}/realtime/v1/api/broadcast"
    preflight = CLIENT.options(url, headers={"access-control-request-method": "POST"})
    assert preflight.status_code == 204 and preflight.headers["access-control-allow-origin"] == "*"
    assert CLIENT.post(url).status_code == 401
    answer = post(auth, body={"messages": [MESSAGE]})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (202, "*")
