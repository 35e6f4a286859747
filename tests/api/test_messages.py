"""Messages of a chat: content, pages, retries, read marks, edits and deletions."""

import re
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Message
from tests.fixtures.chats import address, messages
from tests.fixtures.people import Person

CONTENTS = [
    "x",
    "  kept  blanks\n",
    "👩\u200d👧 🇨🇴",
    "مرحبا بالعالم",
    "\u202eabc",
    "<b>hi</b><script>1</script>",
    "ñ" * 10_000,
]


def seqs(person: Person, chat: dict[str, Any], **query: Any) -> list[int]:
    return [message["seq"] for message in person.client.get(messages(chat), query).json()]


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


def test_the_messages_of_another_users_chat_are_a_404(
    student: Person, stranger: Person, chat: dict[str, Any]
) -> None:
    assert student.client.get(messages(chat)).json() == []
    student.write(chat)
    for query in ({}, {"after_seq": 1}):
        assert student.client.get(messages(chat), query).status_code == 200
        assert stranger.client.get(messages(chat), query).status_code == 404
