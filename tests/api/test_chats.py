"""Chats: opening, listing, blocking, and what each participant sees."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Chat, User
from accounts.services import chats
from tests.fixtures.chats import address, messages
from tests.fixtures.people import CHATS, Person

KEYS = {
    *("id", "participants", "last_message", "last_seq", "unread_count", "my_read_seq", "peer_read_seq"),
    *("blocked_by_me", "realtime", "created_at", "updated_at"),
}
LAST_MESSAGE_KEYS = {
    *("id", "seq", "sender", "content", "client_id", "created_at", "edited_at", "deleted_at"),
    "removed_by_staff",
}


def emails(person: Person, chat: dict[str, Any]) -> dict[str, str | None]:
    participants = person.client.get(address(chat)).json()["participants"]
    return {each["id"]: each["email"] for each in participants}


def test_a_chat_has_the_documented_keys_for_both_participants(
    student: Person, teacher: Person, chat: dict[str, Any]
) -> None:
    student.write(chat)
    for person in (student, teacher):
        [listed] = person.client.get(CHATS).json()
        assert listed == person.client.get(address(chat)).json()
        assert set(listed) == KEYS
        assert set(listed["last_message"]) == LAST_MESSAGE_KEYS
        assert [set(each) for each in listed["participants"]] == [
            {"id", "name", "email", "role", "profile_picture"}
        ] * 2
        assert listed["realtime"] == {"topic": f"chat:{chat['id']}", "event": "message"}


def test_both_users_open_the_same_chat(student: Person, teacher: Person) -> None:
    first = student.client.post(CHATS, {"participant": str(teacher.user.pk)})
    repeated = student.client.post(CHATS, {"participant": str(teacher.user.pk)})
    reverse = teacher.client.post(CHATS, {"participant": str(student.user.pk)})
    assert [response.status_code for response in (first, repeated, reverse)] == [201, 200, 200]
    assert first.json() == repeated.json()
    assert reverse.json()["id"] == first.json()["id"]
    assert first.json()["last_message"] is None


def test_a_chat_needs_another_existing_user(student: Person, stranger: Person) -> None:
    for participant, status in (
        (student.user.pk, 400),
        (uuid.uuid4(), 404),
        ("x", 400),
        (None, 400),
        (1, 400),
    ):
        response = student.client.post(CHATS, {"participant": participant and str(participant)})
        assert response.status_code == status
    User.objects.filter(pk=stranger.user.pk).update(deleted_at=datetime.now(UTC))
    assert student.client.post(CHATS, {"participant": str(stranger.user.pk)}).status_code == 404
    assert not Chat.objects.exists()


def test_opening_chats_is_throttled_for_each_account(
    student: Person, stranger: Person, teacher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"chats": "2/hour"})
    for status in (201, 200, 429):
        response = student.client.post(CHATS, {"participant": str(teacher.user.pk)})
        assert response.status_code == status
    assert int(response["Retry-After"]) > 3000
    assert student.client.get(CHATS).status_code == 200
    stranger.open_chat(teacher)


def test_the_peers_email_is_null_until_the_peer_has_written(
    student: Person, teacher: Person, chat: dict[str, Any]
) -> None:
    student_id, teacher_id = str(student.user.pk), str(teacher.user.pk)
    assert emails(student, chat) == {student_id: student.user.email, teacher_id: None}
    student.write(chat)
    assert emails(student, chat)[teacher_id] is None
    assert emails(teacher, chat)[student_id] == student.user.email
    teacher.write(chat)
    assert emails(student, chat)[teacher_id] == teacher.user.email


@pytest.fixture
def blocked_chat(student: Person, teacher: Person, chat: dict[str, Any]) -> dict[str, Any]:
    """The chat with one message of the student, blocked by the teacher."""
    student.write(chat, "before")
    assert teacher.client.post(address(chat, "block/")).status_code == 204
    return chat


def test_a_block_stops_both_participants_from_writing(
    student: Person, teacher: Person, blocked_chat: dict[str, Any]
) -> None:
    for person in (student, teacher):
        response = person.client.post(messages(blocked_chat), {"content": "x"})
        assert (response.status_code, response.json()["code"]) == (403, "blocked")
    response = student.client.patch(messages(blocked_chat, 1), {"content": "x"})
    assert (response.status_code, response.json()["code"]) == (403, "blocked")


def test_a_message_is_deleted_while_the_chat_is_blocked(student: Person, blocked_chat: Any) -> None:
    assert student.client.delete(messages(blocked_chat, 1)).status_code == 204


def test_a_retry_succeeds_after_a_block(student: Person, teacher: Person, chat: dict[str, Any]) -> None:
    body = {"content": "before", "client_id": str(uuid.uuid4())}
    assert student.client.post(messages(chat), body).status_code == 201
    teacher.client.post(address(chat, "block/"))
    assert student.client.post(messages(chat), body).status_code == 200


def test_only_the_blocker_sees_and_lifts_the_block(
    student: Person, teacher: Person, blocked_chat: dict[str, Any]
) -> None:
    block = address(blocked_chat, "block/")
    assert teacher.client.post(block).status_code == 204
    assert [person.client.get(CHATS).json()[0]["blocked_by_me"] for person in (student, teacher)] == [
        False,
        True,
    ]
    assert student.client.delete(block).status_code == 204
    assert student.client.post(messages(blocked_chat), {"content": "x"}).status_code == 403
    assert teacher.client.delete(block).status_code == 204
    assert student.write(blocked_chat)["seq"] == 2, "a refused message uses no seq"


def test_chats_are_listed_by_their_newest_message(
    student: Person, teacher: Person, stranger: Person, make_person: Any
) -> None:
    opened = [student.open_chat(other) for other in (teacher, stranger, make_person("Eva"))]
    student.write(opened[0])
    student.client.post(address(opened[1], "read/"), {"seq": 0})
    student.client.post(address(opened[1], "block/"))
    listed = [found["id"] for found in student.client.get(CHATS).json()]
    assert listed == [opened[index]["id"] for index in (0, 2, 1)]


def test_a_chat_without_messages_is_listed_for_those_who_opened_it(
    student: Person, teacher: Person, chat: dict[str, Any]
) -> None:
    assert [found["id"] for found in student.client.get(CHATS).json()] == [chat["id"]]
    assert teacher.client.get(CHATS).json() == []
    assert teacher.client.get(address(chat)).json()["id"] == chat["id"]
    assert teacher.open_chat(student)["id"] == chat["id"]
    assert [found["id"] for found in teacher.client.get(CHATS).json()] == [chat["id"]]


def test_a_first_message_puts_the_chat_into_the_peers_list(
    student: Person, teacher: Person, chat: dict[str, Any]
) -> None:
    student.write(chat)
    assert [found["id"] for found in teacher.client.get(CHATS).json()] == [chat["id"]]


def test_a_message_to_a_deleted_user_is_a_409(student: Person, teacher: Person, chat: dict[str, Any]) -> None:
    User.objects.get(pk=teacher.user.pk).anonymise(at=datetime.now(UTC))
    response = student.client.post(messages(chat), {"content": "x"})
    assert (response.status_code, response.json()["code"]) == (409, "participant_deleted")


def test_a_chat_with_a_deleted_user_remains_readable(student: Person, teacher: Person, chat: Any) -> None:
    User.objects.get(pk=teacher.user.pk).anonymise(at=datetime.now(UTC))
    names = {each["name"] for each in student.client.get(CHATS).json()[0]["participants"]}
    assert names == {"Ana", "Deleted user"}
    opened = student.client.post(CHATS, {"participant": str(teacher.user.pk)})
    assert (opened.status_code, opened.json()["id"]) == (200, chat["id"])


@pytest.mark.parametrize("count", [1, 40])
def test_the_list_costs_one_query_and_one_for_the_user(
    student: Person, django_assert_num_queries: Any, count: int
) -> None:
    people = [User(pk=uuid.uuid4(), name=f"P{number}") for number in range(count)]
    User.objects.bulk_create(people)
    for person in people:
        chat, _ = chats.open_chat(user=student.user, participant=person.pk, at=datetime.now(UTC))
        chats.send_message(user=person, chat_id=chat.pk, content="Hola")
    student.client.get(CHATS)  # the first request of a process has one more query
    with django_assert_num_queries(2):
        found = student.client.get(CHATS, {"limit": 200}).json()
    assert len(found) == count
    assert all(chat["last_message"]["content"] == "Hola" and chat["unread_count"] == 1 for chat in found)


def test_the_export_has_own_messages_only(student: Person, teacher: Person, chat: dict[str, Any]) -> None:
    sent = student.write(chat, "mine")
    del sent["corrections"]  # they have a list of their own
    teacher.write(chat, "theirs")
    export = student.client.get("/accounts/users/me/export/").json()
    assert export["messages"] == [{"chat": chat["id"], **sent}]
