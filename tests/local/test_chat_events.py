"""Chat events on Realtime: each write over REST is broadcast to the two participants and nobody else."""

import statistics
import time
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts import checks
from accounts.services import chats
from standins.tests.fixtures.realtime import PRIVATE, VERSIONS, OpenSocket, RawSocket
from tests.fixtures.people import CHATS, Person
from tests.fixtures.staff import ban

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]


CLIENT_ID = "7d3f0c1e-2f43-4d8b-9a55-0c2f6b1f7a10"


def next_broadcast(socket: RawSocket) -> tuple[str, dict[str, Any]]:
    """The event and payload of the next broadcast."""
    message = socket.receive()
    assert message["event"] == "broadcast", message
    return message["payload"]["event"], message["payload"]["payload"]


def event_of(message: dict[str, Any], chat: dict[str, Any]) -> dict[str, Any]:
    """The payload of the event of a message: it carries no corrections."""
    return {**{key: value for key, value in message.items() if key != "corrections"}, "chat": chat["id"]}


def listening(open_socket: OpenSocket, person: Person, chat: dict[str, Any], version: str) -> RawSocket:
    socket = open_socket(version)
    presence = {"enabled": True, "key": person.user.name}
    reply = socket.join(chat["realtime"]["topic"], {**PRIVATE, "presence": presence}, person.token)
    assert reply["status"] == "ok", reply
    return socket


def drained(socket: RawSocket) -> RawSocket:
    """The socket, after the presence state that follows a join."""
    assert socket.receive()["event"] == "presence_state"
    return socket


def listening_to_lists(open_socket: OpenSocket, *people: Person) -> list[RawSocket]:
    """For each person, a socket that receives the person's own topic."""
    sockets = [open_socket("2.0.0") for _ in people]
    for person, socket in zip(people, sockets, strict=True):
        assert socket.join(f"user:{person.user.pk}", PRIVATE, person.token)["status"] == "ok"
    return sockets


@pytest.mark.parametrize("version", VERSIONS)
def test_every_write_sends_one_event(
    student: Person, teacher: Person, chat: dict[str, Any], open_socket: OpenSocket, version: str
) -> None:
    socket = drained(listening(open_socket, teacher, chat, version))
    path = f"{CHATS}{chat['id']}/messages/"
    sent = student.write(chat, "¿Qué tal? " + "ñ" * 9000)
    event, payload = next_broadcast(socket)
    assert event == chat["realtime"]["event"] == "message"
    assert payload == event_of(sent, chat)
    edited = student.client.patch(f"{path}1/", {"content": "Hola"}).json()
    assert next_broadcast(socket) == ("edit", event_of(edited, chat))
    teacher.client.post(f"{CHATS}{chat['id']}/read/", {"seq": 1})
    event, payload = next_broadcast(socket)
    assert payload.pop("id"), "Realtime adds an id to a payload without one"
    assert (event, payload) == ("read", {"chat": chat["id"], "reader": str(teacher.user.pk), "seq": 1})
    student.client.delete(f"{path}1/")
    event, payload = next_broadcast(socket)
    assert (event, payload["content"], bool(payload["deleted_at"])) == ("deletion", "", True)
    assert socket.is_silent()


def test_removal_by_staff_is_broadcast_as_a_deletion_with_its_mark(
    student: Person, teacher: Person, chat: dict[str, Any], open_socket: OpenSocket
) -> None:
    sent = student.write(chat)
    socket = drained(listening(open_socket, teacher, chat, VERSIONS[0]))
    chats.remove_message(pk=sent["id"], at=timezone.now())
    [stored] = teacher.client.get(f"{CHATS}{chat['id']}/messages/").json()
    assert stored["removed_by_staff"] is True and stored["content"] == ""
    assert next_broadcast(socket) == ("deletion", event_of(stored, chat))
    assert socket.is_silent()


def test_only_the_two_participants_receive_events(
    student: Person, stranger: Person, chat: dict[str, Any], open_socket: OpenSocket
) -> None:
    topic = chat["realtime"]["topic"]
    assert open_socket().join(topic, PRIVATE, stranger.token)["status"] == "error"
    assert open_socket().join(topic, PRIVATE)["status"] == "error"
    for other in (f"{topic}0", topic.upper(), "chat:", "chat:1", topic.replace("chat:", "room:")):
        assert open_socket().join(other, PRIVATE, student.token)["status"] == "error"
    public = open_socket()
    assert public.join(topic)["status"] == "ok"
    student.write(chat, "secret")
    assert public.is_silent(), "a public channel of the same name receives nothing"


def test_clients_send_presence_only(
    student: Person, teacher: Person, chat: dict[str, Any], open_socket: OpenSocket
) -> None:
    topic = f"realtime:{chat['realtime']['topic']}"
    ours = drained(listening(open_socket, student, chat, "1.0.0"))
    theirs = drained(listening(open_socket, teacher, chat, "1.0.0"))
    for event in ("message", "typing"):
        theirs.send(
            topic, "broadcast", {"type": "broadcast", "event": event, "payload": {"content": "forged"}}
        )
    assert theirs.is_silent()
    assert ours.is_silent()
    track = {"type": "presence", "event": "track", "payload": {"typing": True}}
    theirs.send(topic, "presence", track)
    joins = ours.receive()
    assert joins["event"] == "presence_diff"
    [meta] = joins["payload"]["joins"][teacher.user.name]["metas"]
    assert meta["typing"] is True


def test_a_refused_message_sends_no_event(
    student: Person, teacher: Person, chat: dict[str, Any], open_socket: OpenSocket
) -> None:
    socket = drained(listening(open_socket, student, chat, "2.0.0"))
    teacher.client.post(f"{CHATS}{chat['id']}/block/")
    assert student.client.post(f"{CHATS}{chat['id']}/messages/", {"content": "x"}).status_code == 403
    assert socket.is_silent()


def test_a_correction_is_broadcast_to_both_users_by_its_ids(
    student: Person, teacher: Person, chat: dict[str, Any], open_socket: OpenSocket
) -> None:
    sockets = [drained(listening(open_socket, person, chat, "2.0.0")) for person in (student, teacher)]
    student.write(chat, "Yo soy bien")
    assert [next_broadcast(socket)[0] for socket in sockets] == ["message", "message"]
    path, body = f"{CHATS}{chat['id']}/messages/1/corrections/", {"corrected": "Estoy bien"}
    assert student.client.post(path, body).status_code == 403
    correction = teacher.client.post(path, body | {"client_id": CLIENT_ID}).json()
    assert teacher.client.post(path, body | {"client_id": CLIENT_ID}).status_code == 200
    for socket in sockets:
        event, payload = next_broadcast(socket)
        assert payload.pop("id")
        assert (event, payload) == ("correction", {"message_seq": 1, "correction": correction["id"]})
        assert socket.is_silent()


def test_a_rolled_back_message_sends_no_event(
    student: Person, teacher: Person, chat: dict[str, Any], open_socket: OpenSocket
) -> None:
    socket = drained(listening(open_socket, student, chat, "2.0.0"))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        chats.send_message(user=student.user, chat_id=chat["id"], content="lost")
        raise ZeroDivisionError
    assert socket.is_silent()
    assert teacher.write(chat)["seq"] == 1
    assert next_broadcast(socket)[1]["seq"] == 1


def test_the_channel_of_a_banned_user_is_closed_at_the_next_token(
    student: Person, teacher: Person, chat: dict[str, Any], open_socket: OpenSocket
) -> None:
    socket = drained(listening(open_socket, teacher, chat, "2.0.0"))
    ban(teacher.user)
    topic = f"realtime:{chat['realtime']['topic']}"
    socket.send(topic, "access_token", {"access_token": teacher.token}, join_ref="1")
    events = [socket.receive()["event"] for _ in range(2)]
    assert events == ["system", "phx_close"]
    student.write(chat, "after the ban")
    assert socket.is_silent()


def test_a_message_arrives_within_a_quarter_second(
    student: Person, teacher: Person, chat: dict[str, Any], open_socket: OpenSocket
) -> None:
    socket = drained(listening(open_socket, teacher, chat, "2.0.0"))
    waits = []
    for _ in range(30):
        begun = time.perf_counter()
        student.write(chat)
        next_broadcast(socket)
        waits.append(time.perf_counter() - begun)
    print(f"POST to receipt: median {statistics.median(waits) * 1000:.1f} ms")
    assert statistics.median(waits) < 0.25


def test_migrate_restores_missing_policies_and_a_check_reports_them(chat: dict[str, Any], capfd: Any) -> None:
    assert checks.database_is_protected(databases=["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute('drop policy "chat members listen" on realtime.messages')
    found = [each.id for each in checks.database_is_protected(databases=["default"])]
    assert found == ["accounts.realtime_policies_missing"]
    call_command("migrate", verbosity=0)
    assert checks.database_is_protected(databases=["default"]) == []


def test_messages_are_stored_while_realtime_is_broken(
    student: Person, teacher: Person, chat: dict[str, Any]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("alter function realtime.send(jsonb, text, text, boolean) rename to send_away")
    try:
        assert student.write(chat)["seq"] == 1
        edited = student.client.patch(f"{CHATS}{chat['id']}/messages/1/", {"content": "Adiós"})
        assert edited.status_code == 200
    finally:
        with connection.cursor() as cursor:
            cursor.execute("alter function realtime.send_away(jsonb, text, text, boolean) rename to send")
    [listed] = teacher.client.get(CHATS).json()
    assert (listed["unread_count"], listed["last_message"]["content"]) == (1, "Adiós")


def test_each_change_of_a_chat_is_announced_once_to_those_who_have_it_in_their_list(
    student: Person, teacher: Person, stranger: Person, open_socket: OpenSocket
) -> None:
    sockets = listening_to_lists(open_socket, student, teacher, stranger)
    chat = student.open_chat(teacher)
    path = f"{CHATS}{chat['id']}/"

    def announced(*expected: tuple[int, int] | None) -> bool:
        """Whether each person receives one event with this ``last_seq`` and ``unread_count``, or none."""
        for socket, counters in zip(sockets, (*expected, None), strict=True):
            if counters:
                payload = dict(zip(("last_seq", "unread_count"), counters, strict=True), id=chat["id"])
                assert next_broadcast(socket) == ("chat", payload)
            assert socket.is_silent()
        return True

    assert announced((0, 0), None), "a chat without messages is in the list of its opener"
    student.open_chat(teacher)
    assert announced(None, None)
    teacher.open_chat(student)
    assert announced(None, (0, 0))
    student.write(chat)
    assert announced((1, 0), (1, 1))
    student.write(chat)
    assert announced((2, 0), (2, 2))
    student.client.patch(f"{path}messages/1/", {"content": "Adiós"})
    assert announced((2, 0), (2, 2))
    student.client.patch(f"{path}messages/1/", {"content": "Adiós"})
    assert announced(None, None)
    student.client.delete(f"{path}messages/2/")
    assert announced((2, 0), (2, 1))
    student.client.delete(f"{path}messages/2/")
    assert announced(None, None)
    teacher.client.post(f"{path}read/", {"seq": 2})
    assert announced((2, 0), (2, 0))
    teacher.client.post(f"{path}read/", {"seq": 1})
    assert announced(None, None)
    student.client.post(f"{path}block/")
    assert announced((2, 0), None), "a block is hidden from the peer"
    student.client.delete(f"{path}block/")
    assert announced((2, 0), None)


def test_the_deletion_of_an_account_is_announced_once_to_the_list_of_each_peer(
    student: Person, teacher: Person, stranger: Person, open_socket: OpenSocket
) -> None:
    chats = [teacher.open_chat(peer) for peer in (student, stranger)]
    for chat in chats * 2:
        teacher.write(chat)
    own, *others = listening_to_lists(open_socket, teacher, student, stranger)
    answer = teacher.client.delete("/accounts/users/me/", {"confirm": str(teacher.user.pk)})
    assert answer.status_code == 204
    for socket, chat in zip(others, chats, strict=True):
        payload = {"id": chat["id"], "last_seq": 2, "unread_count": 0}
        assert next_broadcast(socket) == ("chat", payload)
        assert socket.is_silent()
    assert own.is_silent()
