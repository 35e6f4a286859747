"""Private channels: the policies on realtime.messages, and their evaluation for each token."""

import time
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from standins.supabase import keys
from standins.supabase.realtime import callers, channel, limits, policies
from standins.tests.fixtures.auth import AuthApi, claims_of
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

PRESENT = {"private": True, "presence": {"enabled": True, "key": "ana"}}
ACK = {"broadcast": {"ack": True}}
UNAUTHORIZED = "Unauthorized: You do not have permissions to read from this Channel topic: room:1"


@pytest.fixture(params=VERSIONS)
def client(request: pytest.FixtureRequest, open_socket: OpenSocket) -> RawSocket:
    """A socket of each version."""
    return open_socket(request.param)


@pytest.fixture
def ana(auth: AuthApi) -> dict[str, Any]:
    """A session of a member of room:1, open:1 and chat:1."""
    session = auth.sign_up("ana@example.com")
    add_member(auth, "chat:1", session)
    add_member(auth, "open:1", session)
    add_member(auth, "room:1", session)
    return session


@pytest.fixture
def frequent_checks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Accounts are checked every tenth of a second."""
    monkeypatch.setattr(channel, "CHECK_SECONDS", 0.1)
    yield


def token_of(auth: AuthApi, session: dict[str, Any], **changes: Any) -> str:
    """A token with the session's claims, some of them changed."""
    return auth.keys.sign(claims_of(session) | changes)


def renew(client: RawSocket, topic: str, token: str) -> None:
    client.send(f"realtime:{topic}", "access_token", {"access_token": token}, ref=None)


def assert_closed(client: RawSocket, topic: str, reason: str) -> None:
    system, close = client.receive(), client.receive()
    assert (system["event"], system["ref"]) == ("system", None)
    assert system["payload"] == {
        "extension": "system",
        "status": "error",
        "message": reason,
        "channel": topic,
    }
    assert (close["event"], close["topic"]) == ("phx_close", f"realtime:{topic}")
    assert close["ref"] == close["join_ref"] == "1"


def test_member_joins_and_stranger_is_refused(auth: AuthApi, ana: dict[str, Any], client: RawSocket) -> None:
    stranger = auth.sign_up("zoe@example.com")["access_token"]
    refused = {"status": "error", "response": {"reason": UNAUTHORIZED}}
    assert client.join("room:1", PRIVATE, stranger) == refused
    assert client.join("room:1", PRIVATE) == refused
    assert client.join("room:2", PRIVATE, ana["access_token"])["status"] == "error"
    assert client.join("room:1", PRIVATE, ana["access_token"])["status"] == "ok"


def test_public_channel_of_the_same_name_receives_nothing_private(
    auth: AuthApi, ana: dict[str, Any], open_socket: OpenSocket
) -> None:
    private, public = open_socket(), open_socket()
    private.join("open:1", PRIVATE, ana["access_token"])
    public.join("open:1")
    content = {"type": "broadcast", "event": "a", "payload": {}}
    private.send("realtime:open:1", "broadcast", content)
    public.send("realtime:open:1", "broadcast", content)
    send_from_database(auth, "open:1", {"n": 1})
    assert private.receive()["payload"]["payload"]["n"] == 1
    assert private.is_silent() and public.is_silent()


def test_secret_key_bypasses_the_policies(auth: AuthApi, open_socket: OpenSocket) -> None:
    client = open_socket(key=auth.keys.secret_key)
    assert client.join("room:1", {**PRIVATE, "broadcast": {"ack": True}})["status"] == "ok"
    client.send("realtime:room:1", "broadcast", {"event": "a", "payload": {}})
    assert client.receive()["payload"]["status"] == "ok"


@pytest.mark.parametrize("config", [PRIVATE, {}])
@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("expired", "InvalidJWTToken: Token has expired"),
        ("signed by another", "JwtSignatureError: Failed to validate JWT signature"),
        ("not a token", "MalformedJWT: The token provided is not a valid JWT"),
        ("no role", "InvalidJWTToken: Fields `role` and `exp` are required in JWT"),
        ("no account", "InvalidJWTToken: The user of this token does not exist"),
        ("signed out", "InvalidJWTToken: The session of this token has ended"),
        ("ended session", "InvalidJWTToken: The session of this token has ended"),
        ("another's session", "InvalidJWTToken: The session of this token has ended"),
        ("banned", "InvalidJWTToken: The user of this token is banned"),
        ("deleted", "InvalidJWTToken: The user of this token does not exist"),
        ("removed", "InvalidJWTToken: The user of this token does not exist"),
        ("odd session", "InvalidJWTToken: sub and session_id have to be UUIDs"),
    ],
)
def test_invalid_token_is_refused(
    auth: AuthApi,
    ana: dict[str, Any],
    open_socket: OpenSocket,
    config: dict[str, Any],
    case: str,
    reason: str,
) -> None:
    token = ana["access_token"]
    user_path = f"/admin/users/{ana['user']['id']}"
    if case == "expired":
        token = token_of(auth, ana, exp=int(time.time()) - 1)
    elif case == "signed by another":
        token = keys.generate().sign({"role": "authenticated", "exp": 2**33})
    elif case == "not a token":
        token = "abc"
    elif case == "no role":
        token = token_of(auth, ana, role=None)
    elif case == "no account":
        token = token_of(auth, ana, sub="5f0c1a52-6f0e-4a52-9d57-0a3ad2b0c111")
    elif case == "another's session":
        other = auth.sign_up("b@example.com")
        token = token_of(auth, ana, session_id=claims_of(other)["session_id"])
    elif case == "odd session":
        token = token_of(auth, ana, session_id="1")
    elif case == "signed out":
        auth.call("POST", "/logout", token=token)
    elif case == "ended session":
        auth.sql("update auth.sessions set not_after = now()")
    elif case == "banned":
        auth.admin("PUT", user_path, {"ban_duration": "24h"})
    elif case == "deleted":
        auth.sql("update auth.users set deleted_at = now()")
    elif case == "removed":
        auth.admin("DELETE", user_path, {})
    reply = open_socket().join("room:1", config, token)
    assert reply == {"status": "error", "response": {"reason": reason}}


def test_role_that_clients_cannot_have_is_refused(
    auth: AuthApi, ana: dict[str, Any], open_socket: OpenSocket
) -> None:
    for role in ("postgres", "teacher", "anon"):
        reply = open_socket().join("room:1", PRIVATE, token_of(auth, ana, role=role))
        assert reply["response"]["reason"] == UNAUTHORIZED


def test_api_key_instead_of_a_token_has_the_rights_of_the_key(client: RawSocket, auth: AuthApi) -> None:
    assert client.join("room", {}, auth.keys.publishable_key)["status"] == "ok"
    assert client.join("room:1", PRIVATE, auth.keys.secret_key)["status"] == "error"


def test_members_are_present_and_broadcast_in_open_rooms_only(
    auth: AuthApi, ana: dict[str, Any], client: RawSocket, open_socket: OpenSocket
) -> None:
    bob = auth.sign_up("bob@example.com")
    other = open_socket()
    for topic in ("room:1", "open:1"):
        add_member(auth, topic, bob)
        assert other.join(topic, PRIVATE, bob["access_token"])["status"] == "ok"
        config = {**PRESENT, "broadcast": {"ack": True}}
        assert client.join(topic, config, ana["access_token"])["status"] == "ok"
        assert client.receive()["event"] == "presence_state"
    for event in ("message", "typing"):
        client.send("realtime:room:1", "broadcast", {"event": event, "payload": {}})
        assert client.is_silent() and other.is_silent()
    client.send("realtime:room:1", "presence", {"event": "track", "payload": {"typing": True}})
    assert client.receive()["payload"]["status"] == "ok"
    ref = client.send("realtime:open:1", "broadcast", {"event": "typing", "payload": {}})
    answers = [client.receive() for _ in range(2)]
    assert [answer["ref"] for answer in answers] == [None, ref]
    assert other.receive()["payload"]["event"] == "typing"


def test_binary_broadcast_needs_the_permission(ana: dict[str, Any], open_socket: OpenSocket) -> None:
    sender, other = open_socket(), open_socket()
    for topic in ("room:1", "open:1"):
        other.join(topic, PRIVATE, ana["access_token"])
    sender.join("room:1", PRIVATE, ana["access_token"])
    sender.join("open:1", PRIVATE, ana["access_token"])
    sender.connection.send(pushed_broadcast("realtime:room:1", "message", b"{}", join_ref="1"))
    sender.connection.send(pushed_broadcast("realtime:open:1", "message", b"{}", join_ref="2"))
    assert other.receive()["topic"] == "realtime:open:1"
    assert other.is_silent()


@pytest.mark.parametrize("binary", [False, True])
def test_policy_may_allow_one_event_only(open_socket: OpenSocket, ana: dict[str, Any], binary: bool) -> None:
    sender, other = open_socket(), open_socket()
    for client in (sender, other):
        client.join("chat:1", PRIVATE | ACK, ana["access_token"])
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


def test_permission_for_an_event_is_cached_for_a_token(
    open_socket: OpenSocket, ana: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluated: list[str] = []
    may_write = policies.may_write

    def counting(cursor: Any, caller: Any, topic: str, extension: str, event: str | None = None) -> bool:
        evaluated.append(str(event))
        return may_write(cursor, caller, topic, extension, event)

    monkeypatch.setattr(policies, "may_write", counting)
    monkeypatch.setattr(limits, "CACHED_EVENTS", 3)
    client = open_socket()
    client.join("chat:1", PRIVATE, ana["access_token"])
    for event in ("typing", "a", "typing", "a", "b", "c", "typing"):
        client.send("realtime:chat:1", "broadcast", {"event": event, "payload": {}})
    assert client.is_silent()
    assert evaluated == ["typing", "a", "b", "c", "typing"]


def test_failing_policy_denies_everybody(auth: AuthApi, ana: dict[str, Any], client: RawSocket) -> None:
    auth.sql("create policy broken on realtime.messages for select using (1 / 0 = 1)")
    try:
        assert client.join("room:1", PRIVATE, ana["access_token"])["status"] == "error"
    finally:
        auth.sql("drop policy broken on realtime.messages")
    assert client.join("room:1", PRIVATE, ana["access_token"])["status"] == "ok"


def test_policies_read_topic_claims_and_role(auth: AuthApi, ana: dict[str, Any], client: RawSocket) -> None:
    auth.sql("""create policy seen on realtime.messages for select using (
        (select realtime.topic()) = 'seen' and topic = 'seen' and extension = 'broadcast'
        and (select auth.jwt()) ->> 'email' = 'ana@example.com' and (select auth.role()) = 'authenticated'
        and current_user = 'authenticated')""")
    try:
        assert client.join("seen", PRIVATE, ana["access_token"])["status"] == "ok"
    finally:
        auth.sql("drop policy seen on realtime.messages")


def test_permission_checks_leave_no_row(auth: AuthApi, ana: dict[str, Any], client: RawSocket) -> None:
    client.join("open:1", PRESENT, ana["access_token"])
    client.receive()
    client.send("realtime:open:1", "broadcast", {"event": "a", "payload": {}})
    assert client.is_silent()
    assert auth.sql("select count(*) from realtime.messages") == [(0,)]


def test_next_token_keeps_the_channel_open(auth: AuthApi, ana: dict[str, Any], client: RawSocket) -> None:
    client.join("room:1", PRIVATE, token_of(auth, ana, exp=int(time.time()) + 2))
    renew(client, "room:1", ana["access_token"])
    for ignored in (ana["access_token"], auth.keys.publishable_key, "", None):
        renew(client, "room:1", ignored)  # type: ignore[arg-type]
    time.sleep(2.1)
    send_from_database(auth, "room:1", {"n": 1})
    assert client.receive()["payload"]["payload"]["n"] == 1


def test_next_token_of_a_removed_member_closes_the_channel(
    auth: AuthApi, ana: dict[str, Any], client: RawSocket
) -> None:
    client.join("room:1", PRIVATE, ana["access_token"])
    auth.sql("delete from rooms.members")
    send_from_database(auth, "room:1", {"n": 1})  # decisions are cached for one token, as on Supabase
    assert client.receive()["payload"]["payload"]["n"] == 1
    renew(client, "room:1", token_of(auth, ana, iat=1))
    reason = "You do not have permissions to read from this Channel topic: room:1"
    assert_closed(client, "room:1", reason)
    send_from_database(auth, "room:1", {"n": 2})
    assert client.is_silent()


def test_lost_permission_to_read_closes_the_channel(
    auth: AuthApi, ana: dict[str, Any], client: RawSocket
) -> None:
    client.join("room:1", PRESENT, ana["access_token"])
    client.receive()
    auth.sql("""create policy narrow on realtime.messages as restrictive for select
        using (extension = 'presence')""")
    try:
        renew(client, "room:1", token_of(auth, ana, iat=1))
        reason = "You no longer have permission to read from this Channel topic: room:1"
        assert_closed(client, "room:1", reason)
    finally:
        auth.sql("drop policy narrow on realtime.messages")


def test_permission_to_send_is_evaluated_again_for_the_next_token(
    auth: AuthApi, ana: dict[str, Any], client: RawSocket
) -> None:
    client.join("room:1", {**PRIVATE, "broadcast": {"ack": True}}, ana["access_token"])
    content = {"event": "a", "payload": {}}
    client.send("realtime:room:1", "broadcast", content)
    assert client.is_silent()
    auth.sql("create policy anything on realtime.messages for insert with check (true)")
    try:
        client.send("realtime:room:1", "broadcast", content)
        assert client.is_silent()
        renew(client, "room:1", token_of(auth, ana, iat=1))
        client.send("realtime:room:1", "broadcast", content)
        assert client.receive()["payload"]["status"] == "ok"
    finally:
        auth.sql("drop policy anything on realtime.messages")


@pytest.mark.parametrize("config", [PRIVATE, {}])
def test_next_token_of_a_banned_account_closes_the_channel(
    auth: AuthApi, ana: dict[str, Any], client: RawSocket, config: dict[str, Any]
) -> None:
    client.join("room:1", config, ana["access_token"])
    auth.admin("PUT", f"/admin/users/{ana['user']['id']}", {"ban_duration": "24h"})
    renew(client, "room:1", token_of(auth, ana, iat=1))
    assert_closed(client, "room:1", "The user of this token is banned")


@pytest.mark.parametrize("config", [PRIVATE, {}])
def test_expired_token_closes_the_channel(
    auth: AuthApi, ana: dict[str, Any], client: RawSocket, config: dict[str, Any]
) -> None:
    token = token_of(auth, ana, exp=int(time.time()) + 2)  # in one to two seconds
    assert client.join("room:1", config, token)["status"] == "ok"
    assert_closed(client, "room:1", "Token has expired")


def test_ended_session_closes_the_channel(
    auth: AuthApi, ana: dict[str, Any], client: RawSocket, frequent_checks: None
) -> None:
    client.join("room:1", PRIVATE, ana["access_token"])
    time.sleep(0.3)
    assert client.is_silent()
    auth.call("POST", "/logout", token=ana["access_token"])
    assert_closed(client, "room:1", "The session of this token has ended")


def test_accounts_are_checked_every_five_minutes() -> None:
    assert channel.CHECK_SECONDS <= 300


def test_unavailable_database_closes_no_channel_and_refuses_joins(
    ana: dict[str, Any],
    client: RawSocket,
    frequent_checks: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client.join("room:1", PRIVATE, ana["access_token"])

    def away(*_: Any, **__: Any) -> None:
        raise psycopg2.OperationalError("away")

    monkeypatch.setattr(callers, "check_account", away)
    time.sleep(0.3)
    assert client.is_silent()
    reply = client.join("open:1", PRIVATE, ana["access_token"])
    assert reply["response"]["reason"].startswith("UnableToConnectToProject")
