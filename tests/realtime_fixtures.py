"""Raw WebSocket clients of the stand-in's Realtime, and private rooms whose policies are the tests' own."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.supabase_fixtures import AuthApi

PATIENCE = 5
VERSIONS = ("1.0.0", "2.0.0")
PRIVATE = {"private": True}

# Members of a room receive and are present; only a room whose name begins with "open:" hears them,
# and one with "chat:" hears that they type.
POLICIES = """
create schema rooms;
grant usage on schema rooms to anon, authenticated;
create table rooms.members (topic text, user_id uuid);
create function rooms.has_member(topic text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from rooms.members m where m.topic = has_member.topic and m.user_id = auth.uid())
$$;
create policy "members read" on realtime.messages for select to authenticated using (
  topic = (select realtime.topic()) and rooms.has_member((select realtime.topic())));
create policy "members are present" on realtime.messages for insert to authenticated with check (
  extension = 'presence' and rooms.has_member((select realtime.topic())));
create policy "members talk in open rooms" on realtime.messages for insert to authenticated with check (
  extension = 'broadcast' and (select realtime.topic()) like 'open:%'
  and rooms.has_member((select realtime.topic())));
create policy "members type in chats" on realtime.messages for insert to authenticated with check (
  extension = 'broadcast' and event = 'typing' and (select realtime.topic()) like 'chat:%'
  and rooms.has_member((select realtime.topic())));
"""
NO_POLICIES = """
drop policy "members read" on realtime.messages;
drop policy "members are present" on realtime.messages;
drop policy "members talk in open rooms" on realtime.messages;
drop policy "members type in chats" on realtime.messages;
drop schema rooms cascade;
"""


class RawSocket:
    """Speaks one version of the protocol, frame by frame."""

    def __init__(self, connection: ClientConnection, version: str) -> None:
        self.connection = connection
        self.version = version
        self._refs = 0

    def send(self, topic: str, event: str, payload: Any = None, **refs: Any) -> str:
        """One message; its ref."""
        self._refs += 1
        ref = refs.get("ref", str(self._refs))
        join_ref = refs.get("join_ref", ref if event == "phx_join" else None)
        names = ("join_ref", "ref", "topic", "event", "payload")
        values = (join_ref, ref, topic, event, payload or {})
        message = dict(zip(names, values, strict=True)) if self.version == "1.0.0" else list(values)
        self.connection.send(json.dumps(message))
        return str(ref)

    def receive(self, timeout: float = PATIENCE) -> dict[str, Any]:
        """The next message, whatever its form."""
        frame = self.connection.recv(timeout=timeout)
        if isinstance(frame, bytes):
            return user_broadcast(frame)
        message = json.loads(frame)
        if self.version == "1.0.0":
            return dict(message)
        names = ("join_ref", "ref", "topic", "event", "payload")
        return dict(zip(names, message, strict=True))

    def receive_all(self, event: str, count: int) -> list[dict[str, Any]]:
        """The payloads of the next ``count`` messages, which are all of that event."""
        messages = [self.receive() for _ in range(count)]
        assert [message["event"] for message in messages] == [event] * count, messages
        return [message["payload"] for message in messages]

    def join(self, name: str, config: dict[str, Any] | None = None, token: str = "") -> dict[str, Any]:
        """Joins the channel; the reply."""
        payload: dict[str, Any] = {"config": config or {}}
        if token:
            payload["access_token"] = token
        ref = self.send(f"realtime:{name}", "phx_join", payload)
        reply = self.receive()
        assert (reply["event"], reply["ref"]) == ("phx_reply", ref), reply
        return dict(reply["payload"])

    def is_silent(self) -> bool:
        """Whether nothing is waiting: the answer to a heartbeat comes next."""
        ref = self.send("phoenix", "heartbeat")
        answer = self.receive()
        return (answer["topic"], answer["ref"]) == ("phoenix", ref)


def user_broadcast(frame: bytes) -> dict[str, Any]:
    """A frame of kind 4 as the message that the text form would be."""
    assert frame[0] == 4
    lengths, position, parts = frame[1:4], 5, []
    for length in lengths:
        parts.append(frame[position : position + length].decode())
        position += length
    topic, event, meta = parts
    payload: Any = frame[position:]
    if frame[4] == 1:
        payload = json.loads(payload)
    content = {"type": "broadcast", "event": event, "payload": payload}
    if meta:
        content["meta"] = json.loads(meta)
    return {"topic": topic, "event": "broadcast", "payload": content, "ref": None, "join_ref": None}


def pushed_broadcast(
    topic: str, event: str, payload: bytes, *, is_json: bool = True, join_ref: str = "1", ref: str = "9"
) -> bytes:
    """A frame of kind 3, as supabase-js sends every broadcast."""
    parts = [part.encode() for part in (join_ref, ref, topic, event, "")]
    return bytes([3, *map(len, parts), int(is_json)]) + b"".join(parts) + payload


OpenSocket = Callable[..., RawSocket]


@pytest.fixture
def open_socket(auth: AuthApi) -> Iterator[OpenSocket]:
    """Opens sockets, which are closed after the test."""
    opened: list[ClientConnection] = []

    def open(
        version: str = "2.0.0",
        key: str = auth.keys.publishable_key,
        url: str = auth.url,
        max_queue: int = 16,
    ) -> RawSocket:
        address = f"{url.replace('http', 'ws')}/realtime/v1/websocket?apikey={key}&vsn={version}"
        opened.append(connect(address, max_size=None, max_queue=max_queue))
        return RawSocket(opened[-1], version)

    yield open
    for connection in opened:
        connection.close()


@pytest.fixture
def rooms(no_accounts: None, auth: AuthApi) -> Iterator[None]:
    """Policies on realtime.messages, and members whom ``join_room`` adds."""
    auth.sql(POLICIES)
    yield
    auth.sql(NO_POLICIES)


def add_member(auth: AuthApi, topic: str, session: dict[str, Any]) -> str:
    """Makes the account of ``session`` a member of the room; its access token."""
    auth.sql("insert into rooms.members values (%s, %s)", topic, session["user"]["id"])
    return str(session["access_token"])


def send_from_database(
    auth: AuthApi, topic: str, payload: Any, *, event: str = "message", private: bool = True
) -> None:
    """``realtime.send()`` in a transaction of its own."""
    auth.sql("select realtime.send(%s, %s, %s, %s)", json.dumps(payload), event, topic, private)
