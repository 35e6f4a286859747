"""Presence in public and private channels."""

from typing import Any

import pytest

from standins.tests.fixtures.auth import AuthApi
from standins.tests.fixtures.realtime import VERSIONS, OpenSocket, RawSocket, add_member

pytestmark = pytest.mark.usefixtures("no_accounts")


def present(key: str = "", **config: Any) -> dict[str, Any]:
    return {"presence": {"enabled": True, "key": key}, **config}


@pytest.fixture(params=VERSIONS)
def client(request: pytest.FixtureRequest, open_socket: OpenSocket) -> RawSocket:
    """A socket of each version."""
    return open_socket(request.param)


def enter(client: RawSocket, key: str = "", **config: Any) -> dict[str, Any]:
    """Joins "room" with presence; returns the presence state."""
    assert client.join("room", present(key, **config))["status"] == "ok"
    message = client.receive()
    assert (message["event"], message["ref"], message["join_ref"]) == ("presence_state", None, "1")
    return dict(message["payload"])


def track(client: RawSocket, payload: dict[str, Any], topic: str = "room") -> None:
    content = {"type": "presence", "event": "track", "payload": payload}
    ref = client.send(f"realtime:{topic}", "presence", content)
    answer = client.receive()
    assert (answer["ref"], answer["payload"]) == (ref, {"status": "ok", "response": {}})


def metas(entries: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Entries without their ``phx_ref``, after asserting that each has one."""
    return {
        key: [{name: meta[name] for name in meta if name != "phx_ref"} for meta in entry["metas"]]
        for key, entry in entries.items()
        if all(meta["phx_ref"] for meta in entry["metas"])
    }


def test_members_receive_each_change(client: RawSocket, open_socket: OpenSocket) -> None:
    other = open_socket()
    assert enter(client, "ana") == {}
    assert enter(other, "bob") == {}
    track(client, {"typing": False})
    diffs = [client.receive()["payload"], *other.receive_all("presence_diff", 1)]
    assert diffs[0] == diffs[1]
    assert metas(diffs[0]["joins"]) == {"ana": [{"typing": False}]} and diffs[0]["leaves"] == {}
    first = diffs[0]["joins"]["ana"]["metas"][0]["phx_ref"]

    track(client, {"typing": True})
    (change,) = other.receive_all("presence_diff", 1)
    assert metas(change["joins"]) == {"ana": [{"typing": True, "phx_ref_prev": first}]}
    assert change["leaves"]["ana"]["metas"][0]["phx_ref"] == first

    client.connection.close()
    (diff,) = other.receive_all("presence_diff", 1)
    assert diff["joins"] == {} and metas(diff["leaves"]).keys() == {"ana"}
    assert enter(open_socket()) == {}


def test_new_member_receives_the_present_state(client: RawSocket, open_socket: OpenSocket) -> None:
    for key in ("ana", "ana", "bob"):
        other = open_socket()
        enter(other, key)
        track(other, {"of": key})
    assert metas(enter(client)) == {"ana": [{"of": "ana"}, {"of": "ana"}], "bob": [{"of": "bob"}]}


def test_members_without_a_key_get_different_keys(client: RawSocket, open_socket: OpenSocket) -> None:
    other = open_socket()
    for each in (client, other):
        enter(each)
        track(each, {"n": 1})
    assert len(enter(open_socket())) == 2


def test_repeated_payload_is_not_sent(client: RawSocket) -> None:
    enter(client)
    track(client, {"n": 1})
    client.receive_all("presence_diff", 1)
    track(client, {"n": 1})
    assert client.is_silent()


def test_untracking_and_leaving_remove_the_presence(client: RawSocket, open_socket: OpenSocket) -> None:
    other = open_socket()
    enter(other)
    enter(client, "ana")
    for leave in ("presence", "phx_leave"):
        track(client, {"n": leave})
        client.receive_all("presence_diff", 1)
        other.receive_all("presence_diff", 1)
        client.send("realtime:room", leave, {"type": "presence", "event": "untrack"})
        client.receive()
        (diff,) = other.receive_all("presence_diff", 1)
        assert metas(diff["leaves"]) == {"ana": [{"n": leave}]}
        assert client.receive()["event"] in ("presence_diff", "phx_close")


def test_tracking_enables_presence(client: RawSocket, open_socket: OpenSocket) -> None:
    other = open_socket()
    enter(other, "bob")
    track(other, {"n": 1})
    client.join("room", {"presence": {"key": "ana"}})
    track(client, {"n": 2})
    state, diff = client.receive(), client.receive()
    assert (state["event"], metas(state["payload"])) == ("presence_state", {"bob": [{"n": 1}]})
    assert (diff["event"], metas(diff["payload"]["joins"])) == ("presence_diff", {"ana": [{"n": 2}]})


def test_too_many_changes_close_the_channel(client: RawSocket) -> None:
    enter(client)
    for number in range(5):
        track(client, {"n": number})
        client.receive_all("presence_diff", 1)
    client.send("realtime:room", "presence", {"event": "track", "payload": {"n": 5}})
    (system,) = client.receive_all("system", 1)
    assert system["message"] == "Client presence rate limit exceeded"
    client.receive_all("phx_close", 1)


def test_private_presence_needs_policies_of_its_own(
    rooms: None, auth: AuthApi, client: RawSocket, open_socket: OpenSocket
) -> None:
    auth.sql("""create policy listen on realtime.messages for select to authenticated
        using (extension = 'broadcast' and topic = 'talk' and (select realtime.topic()) = 'talk')""")
    try:
        session = auth.sign_up()
        token = session["access_token"]
        assert client.join("talk", {**present(), "private": True}, token)["status"] == "ok"
        assert client.is_silent()  # no presence_state
        ref = client.send("realtime:talk", "presence", {"event": "track", "payload": {}})
        answer = client.receive()
        assert (answer["ref"], answer["payload"]["status"]) == (ref, "error")
        add_member(auth, "talk", session)
        member = open_socket()
        assert member.join("talk", {**present("m"), "private": True}, token)["status"] == "ok"
        member.receive_all("presence_state", 1)
        track(member, {"n": 1}, "talk")
        member.receive_all("presence_diff", 1)
        assert client.is_silent()
    finally:
        auth.sql("drop policy listen on realtime.messages")


def test_track_enables_presence_in_a_private_channel(
    rooms: None, auth: AuthApi, client: RawSocket, open_socket: OpenSocket
) -> None:
    session = auth.sign_up()
    token = add_member(auth, "room", session)
    other = open_socket()
    other.join("room", {"private": True}, token)
    client.join("room", {"private": True, "presence": {"key": "ana"}}, token)
    track(client, {"n": 1})
    assert client.receive_all("presence_state", 1) == [{}]
    client.receive_all("presence_diff", 1)
    assert other.is_silent()  # it joined without presence
