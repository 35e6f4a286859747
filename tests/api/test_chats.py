"""Chats: opened once, written in order, seen by two."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Chat, Message, User
from tests.fixtures.people import CHATS, Person

KEYS = {
    *("id", "participants", "last_message", "last_seq", "unread_count", "my_read_seq", "peer_read_seq"),
    *("blocked_by_me", "realtime", "created_at", "updated_at"),
}
MESSAGE_KEYS = {"id", "seq", "sender", "content", "client_id", "created_at", "edited_at", "deleted_at"}


@pytest.fixture
def chat(student: Person, teacher: Person) -> dict[str, Any]:
    """The chat of the student and the teacher, as the student opened it."""
    return student.open_chat(teacher)


def messages(chat: dict[str, Any], seq: int | None = None) -> str:
    return f"{CHATS}{chat['id']}/messages/" + (f"{seq}/" if seq else "")


def seqs(person: Person, chat: dict[str, Any], **query: Any) -> list[int]:
    return [message["seq"] for message in person.client.get(messages(chat), query).json()]


def emails(person: Person, chat: dict[str, Any]) -> dict[str, str | None]:
    found = person.client.get(f"{CHATS}{chat['id']}/").json()["participants"]
    return {each["id"]: each["email"] for each in found}


def test_chat_has_exactly_these_keys_for_both(student: Person, teacher: Person, chat: dict[str, Any]) -> None:
    student.write(chat)
    for person in (student, teacher):
        [listed] = person.client.get(CHATS).json()
        assert listed == person.client.get(f"{CHATS}{chat['id']}/").json()
        assert set(listed) == KEYS
        assert set(listed["last_message"]) == MESSAGE_KEYS
        assert [set(each) for each in listed["participants"]] == [
            {"id", "name", "email", "role", "profile_picture"}
        ] * 2
        assert listed["realtime"] == {"topic": f"chat:{chat['id']}", "event": "message"}


def test_chat_is_opened_once_from_both_sides(student: Person, teacher: Person) -> None:
    made = student.client.post(CHATS, {"participant": str(teacher.user.pk)})
    again = student.client.post(CHATS, {"participant": str(teacher.user.pk)})
    back = teacher.client.post(CHATS, {"participant": str(student.user.pk)})
    assert [response.status_code for response in (made, again, back)] == [201, 200, 200]
    assert made.json() == again.json()
    assert back.json()["id"] == made.json()["id"]
    assert made.json()["last_message"] is None


def test_chat_needs_another_person_who_is_there(student: Person, stranger: Person) -> None:
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


def test_opening_is_counted_for_each_account(
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


def test_third_person_sees_and_does_nothing(student: Person, stranger: Person, chat: dict[str, Any]) -> None:
    student.write(chat, "secret")
    one = f"{CHATS}{chat['id']}/"
    assert stranger.client.get(CHATS).json() == []
    calls = [
        ("get", one, None),
        ("get", messages(chat), None),
        ("post", messages(chat), {"content": "x"}),
        ("patch", messages(chat, 1), {"content": "x"}),
        ("delete", messages(chat, 1), None),
        ("post", f"{one}read/", {"seq": 1}),
        ("post", f"{one}block/", None),
        ("delete", f"{one}block/", None),
    ]
    for method, path, body in calls:
        response = getattr(stranger.client, method)(path, body)
        assert response.status_code == 404, (method, path)
    assert student.client.get(one).json()["last_message"]["content"] == "secret"


def test_peers_address_is_told_once_they_have_written(
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
def test_content_comes_back_as_it_went(student: Person, teacher: Person, chat: Any, content: str) -> None:
    sent = student.write(chat, content)
    assert sent["content"] == content
    assert teacher.client.get(messages(chat)).json() == [sent]
    assert teacher.client.get(messages(chat))["Content-Type"] == "application/json"


@pytest.mark.parametrize("content", ["", " \n\t", "x" * 10_001, None, [], {}, True, "a\x00b"])
def test_other_content_is_refused(student: Person, chat: dict[str, Any], content: Any) -> None:
    student.write(chat)
    for response in (
        student.client.post(messages(chat), {"content": content}),
        student.client.patch(messages(chat, 1), {"content": content}),
    ):
        assert response.status_code == 400
    assert Message.objects.count() == 1


def test_seq_counts_from_one_and_pages_by_it(student: Person, teacher: Person, chat: dict[str, Any]) -> None:
    for number in range(1, 8):
        assert (student, teacher)[number % 2].write(chat, f"m{number}")["seq"] == number
    assert seqs(student, chat) == [1, 2, 3, 4, 5, 6, 7]
    assert seqs(student, chat, limit=3) == [5, 6, 7]
    assert seqs(student, chat, before_seq=5, limit=3) == [2, 3, 4]
    assert seqs(student, chat, after_seq=2, limit=3) == [3, 4, 5]
    assert seqs(student, chat, after_seq=2, before_seq=4) == [3]
    assert seqs(student, chat, after_seq=0) == [1, 2, 3, 4, 5, 6, 7]
    assert seqs(student, chat, after_seq=7) == []
    for name in ("after_seq", "before_seq", "limit"):
        for value in ("-1", "x", "1.5", "9" * 30, ""):
            response = student.client.get(messages(chat), {name: value})
            assert (response.status_code, list(response.json()["errors"])) == (400, [name])


def test_a_retry_makes_one_message_after_an_edit_too(student: Person, teacher: Person, chat: Any) -> None:
    client_id = str(uuid.uuid4())
    sent = student.write(chat, "Hola", client_id=client_id)
    edited = student.client.patch(messages(chat, 1), {"content": "¡Hola!"}).json()
    again = student.client.post(messages(chat), {"content": "Hola", "client_id": client_id})
    assert (again.status_code, again.json()) == (200, edited)
    other = student.client.post(messages(chat), {"content": "Adiós", "client_id": client_id})
    assert (other.status_code, other.json()["code"]) == (409, "client_id_reused")
    assert teacher.write(chat, "Mine", client_id=client_id)["seq"] == sent["seq"] + 1


def test_unread_counts_and_marks_never_move_back(student: Person, teacher: Person, chat: Any) -> None:
    for _ in range(3):
        teacher.write(chat)
    read = f"{CHATS}{chat['id']}/read/"

    def state(person: Person) -> tuple[int, int, int]:
        found = person.client.get(f"{CHATS}{chat['id']}/").json()
        return found["unread_count"], found["my_read_seq"], found["peer_read_seq"]

    assert (state(student), state(teacher)) == ((3, 0, 3), (0, 3, 0))
    for seq, mark in ((2, 2), (1, 2), (0, 2), (99, 3), (2, 3)):
        assert student.client.post(read, {"seq": seq}).json()["my_read_seq"] == mark
        assert state(student)[:2] == (3 - mark, mark)
    assert state(teacher)[2] == 3
    teacher.write(chat)
    teacher.client.delete(messages(chat, 4))
    assert state(student) == (0, 3, 4)
    student.write(chat)
    assert state(student)[1] == 5, "who writes has read what stands before"
    for seq in (-1, "x", None, 1.5, 2**70):
        assert student.client.post(read, {"seq": seq}).status_code == 400


def test_only_own_messages_are_edited_and_deleted(student: Person, teacher: Person, chat: Any) -> None:
    student.write(chat, "one")
    student.write(chat, "two")
    for method, body in (("patch", {"content": "x"}), ("delete", None)):
        assert getattr(teacher.client, method)(messages(chat, 1), body).status_code == 404
        assert getattr(student.client, method)(messages(chat, 9), body).status_code == 404
    edited = student.client.patch(messages(chat, 1), {"content": "uno"}).json()
    assert (edited["content"], edited["seq"], bool(edited["edited_at"])) == ("uno", 1, True)
    for _ in range(2):
        assert student.client.delete(messages(chat, 1)).status_code == 204
    refused = student.client.patch(messages(chat, 1), {"content": "back"})
    assert (refused.status_code, refused.json()["code"]) == (409, "message_deleted")
    first, second = teacher.client.get(messages(chat)).json()
    assert (first["content"], bool(first["deleted_at"]), second["content"]) == ("", True, "two")


def test_block_stops_both_until_the_blocker_lifts_it(student: Person, teacher: Person, chat: Any) -> None:
    client_id = str(uuid.uuid4())
    student.write(chat, "before", client_id=client_id)
    block = f"{CHATS}{chat['id']}/block/"
    for _ in range(2):
        assert teacher.client.post(block).status_code == 204
    for person in (student, teacher):
        response = person.client.post(messages(chat), {"content": "x"})
        assert (response.status_code, response.json()["code"]) == (403, "blocked")
    assert student.client.patch(messages(chat, 1), {"content": "x"}).json()["code"] == "blocked"
    again = student.client.post(messages(chat), {"content": "before", "client_id": client_id})
    assert again.status_code == 200, "what was acknowledged stays so"
    assert student.client.delete(block).status_code == 204, "which lifts only one's own"
    assert student.client.post(messages(chat), {"content": "x"}).status_code == 403
    assert [person.client.get(CHATS).json()[0]["blocked_by_me"] for person in (student, teacher)] == [
        False,
        True,
    ]
    assert teacher.client.delete(block).status_code == 204
    assert student.write(chat)["seq"] == 2, "no refused message has used up a seq"


def test_list_is_by_activity(student: Person, teacher: Person, stranger: Person, make_person: Any) -> None:
    chats = [student.open_chat(other) for other in (teacher, stranger, make_person("Eva"))]
    student.write(chats[0])
    student.client.post(f"{CHATS}{chats[1]['id']}/read/", {"seq": 0})
    student.client.post(f"{CHATS}{chats[1]['id']}/block/")
    listed = [found["id"] for found in student.client.get(CHATS).json()]
    assert listed == [chats[index]["id"] for index in (0, 2, 1)]


def test_nobody_writes_to_a_person_who_left(student: Person, teacher: Person, chat: dict[str, Any]) -> None:
    User.objects.get(pk=teacher.user.pk).anonymise(at=datetime.now(UTC))
    response = student.client.post(messages(chat), {"content": "x"})
    assert (response.status_code, response.json()["code"]) == (409, "participant_deleted")
    names = {each["name"] for each in student.client.get(CHATS).json()[0]["participants"]}
    assert names == {"Ana", "Deleted user"}
    again = student.client.post(CHATS, {"participant": str(teacher.user.pk)})
    assert (again.status_code, again.json()["id"]) == (200, chat["id"]), "what was said stays to be read"


@pytest.mark.parametrize("count", [1, 200])
def test_list_costs_two_queries_beside_the_persons(
    student: Person, django_assert_num_queries: Any, count: int
) -> None:
    people = [User(pk=uuid.uuid4(), name=f"P{number}") for number in range(count)]
    User.objects.bulk_create(people)
    for person in people:
        first, second = sorted((student.user, person), key=lambda one: one.pk)
        chat = Chat.objects.create(first=first, second=second, last_seq=1)
        Message.objects.create(chat=chat, seq=1, sender=person, content="Hola")
    student.client.get(CHATS)  # the first request of a process asks once what it may read
    with django_assert_num_queries(3):
        found = student.client.get(CHATS, {"limit": 200}).json()
    assert len(found) == count
    assert all(chat["last_message"]["content"] == "Hola" and chat["unread_count"] == 1 for chat in found)


def test_export_holds_own_messages_alone(student: Person, teacher: Person, chat: dict[str, Any]) -> None:
    sent = student.write(chat, "mine")
    teacher.write(chat, "theirs")
    export = student.client.get("/accounts/users/me/export/").json()
    assert export["messages"] == [{"chat": chat["id"], **sent}]
