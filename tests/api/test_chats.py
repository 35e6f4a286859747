"""Chats: opening, sending, reading, blocking, and what each participant sees."""

import re
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Chat, Message, User
from accounts.services import chats
from tests.fixtures.people import CHATS, Person

KEYS = {
    *("id", "participants", "last_message", "last_seq", "unread_count", "my_read_seq", "peer_read_seq"),
    *("blocked_by_me", "realtime", "created_at", "updated_at"),
}
LAST_MESSAGE_KEYS = {
    *("id", "seq", "sender", "content", "client_id", "created_at", "edited_at", "deleted_at"),
    "removed_by_staff",
}


@pytest.fixture
def chat(student: Person, teacher: Person) -> dict[str, Any]:
    """The chat of the student and the teacher, opened by the student."""
    return student.open_chat(teacher)


def address(chat: dict[str, Any], action: str = "") -> str:
    return f"{CHATS}{chat['id']}/{action}"


def messages(chat: dict[str, Any], seq: int | None = None) -> str:
    return address(chat, "messages/") + (f"{seq}/" if seq else "")


def seqs(person: Person, chat: dict[str, Any], **query: Any) -> list[int]:
    return [message["seq"] for message in person.client.get(messages(chat), query).json()]


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


CONTENTS = [
    "x",
    "  kept  blanks\n",
    "👩\u200d👧 🇨🇴",
    "مرحبا بالعالم",
    "\u202eabc",
    "<b>hi</b><script>1</script>",
    "ñ" * 10_000,
]


@pytest.mark.parametrize("content", CONTENTS)
def test_content_is_returned_unchanged(student: Person, teacher: Person, chat: Any, content: str) -> None:
    sent = student.write(chat, content)
    assert sent["content"] == content
    assert teacher.client.get(messages(chat)).json() == [sent]
    assert teacher.client.get(messages(chat))["Content-Type"] == "application/json"


@pytest.mark.parametrize("content", ["", " \n\t", "x" * 10_001, None, [], {}, True, "a\x00b"])
def test_invalid_content_is_a_400(student: Person, chat: dict[str, Any], content: Any) -> None:
    student.write(chat)
    for response in (
        student.client.post(messages(chat), {"content": content}),
        student.client.patch(messages(chat, 1), {"content": content}),
    ):
        assert response.status_code == 400
    assert Message.objects.count() == 1


def test_messages_are_paged_by_seq(student: Person, teacher: Person, chat: dict[str, Any]) -> None:
    for number in range(1, 8):
        assert (student, teacher)[number % 2].write(chat, f"m{number}")["seq"] == number
    assert seqs(student, chat) == [1, 2, 3, 4, 5, 6, 7]
    assert seqs(student, chat, limit=3) == [5, 6, 7]
    assert seqs(student, chat, before_seq=5, limit=3) == [2, 3, 4]
    assert seqs(student, chat, after_seq=2, limit=3) == [3, 4, 5]
    assert seqs(student, chat, after_seq=2, before_seq=4) == [3]
    assert seqs(student, chat, after_seq=0) == [1, 2, 3, 4, 5, 6, 7]
    assert seqs(student, chat, after_seq=7) == []


@pytest.mark.parametrize("name", ["after_seq", "before_seq", "limit"])
@pytest.mark.parametrize("value", ["-1", "x", "1.5", "9" * 30, ""])
def test_an_invalid_page_is_a_400(student: Person, chat: dict[str, Any], name: str, value: str) -> None:
    response = student.client.get(messages(chat), {name: value})
    assert (response.status_code, list(response.json()["errors"])) == (400, [name])


def test_a_retry_returns_the_first_message_as_edited(student: Person, chat: dict[str, Any]) -> None:
    client_id = str(uuid.uuid4())
    student.write(chat, "Hola", client_id=client_id)
    edited = student.client.patch(messages(chat, 1), {"content": "¡Hola!"}).json()
    retry = student.client.post(messages(chat), {"content": "Hola", "client_id": client_id})
    assert (retry.status_code, retry.json()) == (200, edited)


def test_a_client_id_with_other_content_is_a_409(student: Person, chat: dict[str, Any]) -> None:
    client_id = str(uuid.uuid4())
    student.write(chat, "Hola", client_id=client_id)
    response = student.client.post(messages(chat), {"content": "Adiós", "client_id": client_id})
    assert (response.status_code, response.json()["code"]) == (409, "client_id_reused")


@pytest.mark.parametrize("content", ["Hola", "Adiós"])
def test_a_retry_after_the_deletion_returns_the_deleted_message(
    student: Person, chat: dict[str, Any], content: str
) -> None:
    client_id = str(uuid.uuid4())
    student.write(chat, "Hola", client_id=client_id)
    assert student.client.delete(messages(chat, 1)).status_code == 204
    retry = student.client.post(messages(chat), {"content": content, "client_id": client_id})
    assert (retry.status_code, retry.json()["seq"], retry.json()["content"]) == (200, 1, "")
    assert retry.json()["deleted_at"]
    assert seqs(student, chat) == [1]


def test_nothing_of_a_deleted_message_proves_its_content(student: Person, chat: dict[str, Any]) -> None:
    for number in range(2):
        student.write(chat, f"secret {number}", client_id=str(uuid.uuid4()))
    assert Message.objects.exclude(creation_digest="").count() == 2
    student.client.delete(messages(chat, 1))
    assert Message.objects.get(seq=1).creation_digest == ""
    Message.objects.by_sender(student.user).soft_delete(at=datetime.now(UTC))
    assert not Message.objects.exclude(creation_digest="").exists()


def test_two_senders_may_use_the_same_client_id(student: Person, teacher: Person, chat: Any) -> None:
    client_id = str(uuid.uuid4())
    assert student.write(chat, "Hola", client_id=client_id)["seq"] == 1
    assert teacher.write(chat, "Mine", client_id=client_id)["seq"] == 2


@pytest.mark.parametrize(("client_id", "queries"), [(None, 7), ("7d3f0c1e-2f43-4d8b-9a55-0c2f6b1f7a10", 8)])
def test_sending_a_message_locks_the_sender_once_and_then_the_chat(
    student: Person,
    chat: dict[str, Any],
    django_assert_num_queries: Any,
    whole_statements: None,
    client_id: Any,
    queries: int,
) -> None:
    student.write(chat)  # the first request of a process has one more query
    body = {"content": "Hola", "client_id": client_id}
    with django_assert_num_queries(queries) as counted:
        assert student.client.post(messages(chat), body).status_code == 201
    statements = [query["sql"] for query in counted.captured_queries]
    locked = [re.findall(r'"(\w+)"', sql.partition("UPDATE OF ")[2]) for sql in statements]
    assert [tables for tables in locked if tables] == [
        ["accounts_user"],
        ["accounts_chat", "accounts_participant"],
    ]


def read_state(person: Person, chat: dict[str, Any]) -> tuple[int, int, int]:
    """The number of unread messages, the user's own read mark, and the peer's read mark."""
    found = person.client.get(address(chat)).json()
    return found["unread_count"], found["my_read_seq"], found["peer_read_seq"]


def test_a_read_mark_never_moves_back_or_beyond_the_newest_message(
    student: Person, teacher: Person, chat: dict[str, Any]
) -> None:
    for _ in range(3):
        teacher.write(chat)
    assert (read_state(student, chat), read_state(teacher, chat)) == ((3, 0, 3), (0, 3, 0))
    for seq, mark in ((2, 2), (1, 2), (0, 2), (99, 3), (2, 3)):
        response = student.client.post(address(chat, "read/"), {"seq": seq})
        assert response.json()["my_read_seq"] == mark
        assert read_state(student, chat)[:2] == (3 - mark, mark)
    assert read_state(teacher, chat)[2] == 3


def test_a_deleted_message_is_not_unread(student: Person, teacher: Person, chat: dict[str, Any]) -> None:
    teacher.write(chat)
    assert read_state(student, chat) == (1, 0, 1)
    teacher.client.delete(messages(chat, 1))
    assert read_state(student, chat) == (0, 0, 1)


def test_sending_a_message_marks_all_messages_as_read(student: Person, teacher: Person, chat: Any) -> None:
    teacher.write(chat)
    student.write(chat)
    assert read_state(student, chat) == (0, 2, 1)


@pytest.mark.parametrize("seq", [-1, "x", None, 1.5, 2**70])
def test_an_invalid_read_mark_is_a_400(student: Person, chat: dict[str, Any], seq: Any) -> None:
    assert student.client.post(address(chat, "read/"), {"seq": seq}).status_code == 400


def test_an_edited_message_keeps_its_seq(student: Person, chat: dict[str, Any]) -> None:
    student.write(chat, "one")
    edited = student.client.patch(messages(chat, 1), {"content": "uno"}).json()
    assert (edited["content"], edited["seq"], bool(edited["edited_at"])) == ("uno", 1, True)


def test_a_deleted_message_keeps_its_seq_and_loses_its_content(
    student: Person, teacher: Person, chat: dict[str, Any]
) -> None:
    for content in ("one", "two"):
        student.write(chat, content)
    for _ in range(2):
        assert student.client.delete(messages(chat, 1)).status_code == 204
    first, second = teacher.client.get(messages(chat)).json()
    assert (first["seq"], first["content"], bool(first["deleted_at"])) == (1, "", True)
    assert (second["seq"], second["content"], second["deleted_at"]) == (2, "two", None)


def test_a_deleted_message_cannot_be_edited(student: Person, chat: dict[str, Any]) -> None:
    student.write(chat)
    student.client.delete(messages(chat, 1))
    response = student.client.patch(messages(chat, 1), {"content": "back"})
    assert (response.status_code, response.json()["code"]) == (409, "message_deleted")


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


def test_the_messages_of_another_users_chat_are_a_404(
    student: Person, stranger: Person, chat: dict[str, Any]
) -> None:
    assert student.client.get(messages(chat)).json() == []
    student.write(chat)
    for query in ({}, {"after_seq": 1}):
        assert student.client.get(messages(chat), query).status_code == 200
        assert stranger.client.get(messages(chat), query).status_code == 404


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
