"""Corrections of chat messages by the other participant."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Card, Correction, Message
from accounts.services import message_corrections
from accounts.values import flashcards
from tests.fixtures.chats import messages
from tests.fixtures.people import CHATS, Person

KEYS = ["id", "author", "corrected", "explanation", "outdated", "created_at"]
WRONG, RIGHT = "Yo soy bien", "Estoy bien"


@pytest.fixture
def chat(student: Person, teacher: Person) -> dict[str, Any]:
    """The chat of the student and the teacher, with a message of the student."""
    chat = student.open_chat(teacher)
    student.write(chat, WRONG)
    return chat


def correct(person: Person, chat: dict[str, Any], seq: int = 1, **fields: Any) -> Any:
    """The response to a correction of a message."""
    return person.client.post(f"{messages(chat, seq)}corrections/", {"corrected": RIGHT, **fields})


def read(person: Person, chat: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = person.client.get(messages(chat)).json()
    return found


def test_both_users_read_a_correction_with_its_message(student: Person, teacher: Person, chat: Any) -> None:
    answer = correct(teacher, chat, explanation="A state needs estar.")
    assert answer.status_code == 201
    given = answer.json()
    assert list(given) == KEYS
    assert (given["author"], given["corrected"]) == (str(teacher.user.pk), RIGHT)
    assert (given["explanation"], given["outdated"]) == ("A state needs estar.", False)
    for person in (student, teacher):
        [message] = read(person, chat)
        assert [list(each) for each in message["corrections"]] == [KEYS]
        assert message["corrections"] == [given]


def test_the_learner_gets_a_card_with_the_mistake_marked(student: Person, teacher: Person, chat: Any) -> None:
    given = correct(teacher, chat, explanation="A state needs estar.").json()
    card = Card.objects.get()
    assert (card.learner, card.front, card.back) == (student.user, "**Yo soy** bien", RIGHT)
    assert (card.note, card.dedupe_key) == ("A state needs estar.", flashcards.dedupe_key(RIGHT))
    assert [correction.pk for correction in card.corrections.all()] == [given["id"]]


def test_corrections_are_listed_oldest_first_with_their_own_message(
    student: Person, teacher: Person, chat: Any
) -> None:
    student.write(chat, "Me llama Ana")
    given = [
        correct(teacher, chat, seq, corrected=text).json() for seq, text in ((2, "a"), (1, "b"), (2, "c"))
    ]
    first, second = read(student, chat)
    assert (first["corrections"], second["corrections"]) == ([given[1]], [given[0], given[2]])


def test_a_message_is_sent_and_edited_with_its_corrections(
    student: Person, teacher: Person, chat: Any
) -> None:
    client_id = str(uuid.uuid4())
    sent = student.write(chat, "Me llama Ana", client_id=client_id)
    assert sent["corrections"] == []
    given = correct(teacher, chat, 2, corrected="Me llamo Ana").json()
    retry = student.client.post(messages(chat), {"content": "Me llama Ana", "client_id": client_id})
    assert (retry.status_code, retry.json()) == (200, {**sent, "corrections": [given]})
    edited = student.client.patch(messages(chat, 2), {"content": "Me llamo Ana."}).json()
    assert edited["corrections"] == [{**given, "outdated": True}]
    assert read(teacher, chat)[1] == edited


def test_the_last_message_of_a_chat_has_no_corrections(student: Person, teacher: Person, chat: Any) -> None:
    correct(teacher, chat)
    assert "corrections" not in student.client.get(f"{CHATS}{chat['id']}/").json()["last_message"]
    assert "corrections" not in student.client.get(CHATS).json()[0]["last_message"]


def test_an_edit_to_the_same_text_outdates_nothing(student: Person, teacher: Person, chat: Any) -> None:
    given = correct(teacher, chat).json()
    assert student.client.patch(messages(chat, 1), {"content": WRONG}).json()["corrections"] == [given]


def test_a_correction_after_an_edit_is_not_outdated(student: Person, teacher: Person, chat: Any) -> None:
    correct(teacher, chat)
    student.client.patch(messages(chat, 1), {"content": "Yo soy muy bien"})
    correct(teacher, chat, corrected="Estoy muy bien")
    assert [each["outdated"] for each in read(student, chat)[0]["corrections"]] == [True, False]
    assert list(Correction.objects.oldest_first().values_list("quote", flat=True)) == [
        WRONG,
        "Yo soy muy bien",
    ]


def test_a_deleted_message_loses_its_corrections_and_the_card_remains(
    student: Person, teacher: Person, chat: Any
) -> None:
    student.write(chat, "Me llama Ana")
    correct(teacher, chat)
    kept = correct(teacher, chat, 2, corrected="Me llamo Ana").json()
    assert student.client.delete(messages(chat, 1)).status_code == 204
    first, second = read(teacher, chat)
    assert (first["corrections"], second["corrections"]) == ([], [kept])
    assert [each.pk for each in Correction.objects.all()] == [kept["id"]]
    assert Card.objects.for_user(student.user).count() == 2
    assert not Card.objects.get(back=RIGHT).corrections.exists()
    refused = correct(teacher, chat)
    assert (refused.status_code, refused.json()["code"]) == (409, "message_deleted")


def test_a_retry_returns_the_first_correction(student: Person, teacher: Person, chat: Any) -> None:
    fields = {"client_id": str(uuid.uuid4())}
    first, repeated = (correct(teacher, chat, **fields) for _ in range(2))
    stated = correct(teacher, chat, **fields, explanation="")
    assert [each.status_code for each in (first, repeated, stated)] == [201, 200, 200]
    assert first.json() == repeated.json() == stated.json()
    other = correct(teacher, chat, **fields, explanation="Because.")
    assert (other.status_code, other.json()["code"]) == (409, "client_id_reused")
    student.client.patch(messages(chat, 1), {"content": RIGHT})
    teacher.client.post(f"{CHATS}{chat['id']}/block/")
    late = correct(teacher, chat, **fields)
    assert (late.status_code, late.json()) == (200, {**first.json(), "outdated": True})
    assert Correction.objects.count() == Card.objects.count() == 1


def test_a_client_id_belongs_to_one_message(student: Person, teacher: Person, chat: Any) -> None:
    student.write(chat, "Me llama Ana")
    client_id = str(uuid.uuid4())
    statuses = [correct(teacher, chat, seq, client_id=client_id).status_code for seq in (1, 2)]
    assert (statuses, Correction.objects.count()) == ([201, 201], 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("corrected", value) for value in ("", " \n", None, 1, [], "x" * 10_001, WRONG, f" {WRONG}\n")),
        *(("explanation", value) for value in (None, 1, "x" * 2_001)),
        *(("client_id", value) for value in ("x", 1)),
    ],
)
def test_invalid_input_is_a_400_and_stores_nothing(
    teacher: Person, chat: Any, field: str, value: Any
) -> None:
    answer = correct(teacher, chat, **{field: value})
    errors = answer.json()["errors"]
    assert (answer.status_code, list(errors)) == (400, [field]) and errors[field]
    assert not Correction.objects.exists() and not Card.objects.exists()


def test_texts_of_the_longest_length_are_returned_unchanged(teacher: Person, chat: Any) -> None:
    fields = {"corrected": "ñ" * 9_999 + "\n", "explanation": "é" * 2_000}
    given = correct(teacher, chat, **fields).json()
    assert {name: given[name] for name in fields} == fields


def test_ones_own_message_is_not_corrected(student: Person, teacher: Person, chat: Any) -> None:
    answer = correct(student, chat)
    assert (answer.status_code, answer.json()["code"]) == (403, "own_message")
    assert correct(teacher, chat).status_code == 201


def test_strangers_and_absent_messages_are_a_404(
    student: Person, teacher: Person, stranger: Person, chat: Any
) -> None:
    other = stranger.open_chat(teacher)
    for person, place, seq in ((stranger, chat, 1), (teacher, chat, 2), (teacher, other, 1)):
        assert correct(person, place, seq).status_code == 404
    assert correct(teacher, {"id": uuid.uuid4()}).status_code == 404
    assert not Correction.objects.exists()


@pytest.mark.parametrize("blocks", [0, 1])
def test_nobody_corrects_while_one_blocks(student: Person, teacher: Person, chat: Any, blocks: int) -> None:
    blocker = (student, teacher)[blocks]
    blocker.client.post(f"{CHATS}{chat['id']}/block/")
    answer = correct(teacher, chat)
    assert (answer.status_code, answer.json()["code"]) == (403, "blocked")
    blocker.client.delete(f"{CHATS}{chat['id']}/block/")
    assert correct(teacher, chat).status_code == 201


def test_a_message_has_at_most_twenty_corrections(teacher: Person, chat: Any) -> None:
    client_id = str(uuid.uuid4())
    texts = [f"Estoy {number}" for number in range(message_corrections.MAX_CORRECTIONS - 1)]
    assert {correct(teacher, chat, corrected=text).status_code for text in texts} == {201}
    assert correct(teacher, chat, client_id=client_id).status_code == 201
    refused = correct(teacher, chat, corrected="one more")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_corrections")
    assert correct(teacher, chat, client_id=client_id).status_code == 200, "a retry is not one more"


@pytest.mark.parametrize(
    ("learns", "native", "language"),
    [
        (["Spanish", "French"], "español", "es"),
        (["Spanish", "French"], "German", ""),
        (["Spanish"], "German", "es"),
        (["Spanish", "castellano"], "", "es"),
        ([], "Spanish", ""),
        (["Spanish", "French"], "", ""),
    ],
)
def test_the_language_is_the_correctors_or_the_only_one_that_the_learner_learns(
    make_person: Callable[..., Person], learns: list[str], native: str, language: str
) -> None:
    learner = make_person("Lea", learning_languages=learns)
    peer = make_person("Pia", native_language=native)
    chat = learner.open_chat(peer)
    learner.write(chat, WRONG)
    assert correct(peer, chat).status_code == 201
    assert (Correction.objects.get().language_code, Card.objects.get().language_code) == (language, language)


def test_the_source_is_the_role_of_the_corrector(student: Person, teacher: Person, stranger: Person) -> None:
    for corrector in (teacher, stranger):
        chat = student.open_chat(corrector)
        student.write(chat, WRONG)
        correct(corrector, chat)
    rows = Correction.objects.oldest_first().values_list("author", "source")
    assert list(rows) == [(teacher.user.pk, "teacher"), (stranger.user.pk, "peer")]
    assert Card.objects.get().corrections.count() == 2, "the same right form is one card"


def test_no_card_is_made_if_the_learner_does_not_want_cards(
    make_person: Callable[..., Person], teacher: Person
) -> None:
    learner = make_person("Lea", auto_cards=False)
    chat = learner.open_chat(teacher)
    learner.write(chat, WRONG)
    assert correct(teacher, chat).status_code == 201
    assert len(read(learner, chat)[0]["corrections"]) == 1 and not Card.objects.exists()


def test_an_author_who_deleted_the_account_is_null(student: Person, teacher: Person, chat: Any) -> None:
    correct(teacher, chat)
    me = {"confirm": teacher.user.email}
    assert teacher.client.delete("/accounts/users/me/", me).status_code == 204
    [correction] = read(student, chat)[0]["corrections"]
    assert (correction["author"], correction["corrected"]) == (None, RIGHT)
    assert Card.objects.for_user(student.user).count() == 1


@pytest.mark.parametrize("count", [1, 200])
def test_the_list_of_messages_has_a_fixed_number_of_queries(
    student: Person, teacher: Person, chat: Any, django_assert_num_queries: Any, count: int
) -> None:
    row = {"chat_id": chat["id"], "sender": student.user}
    Message.objects.bulk_create(Message(seq=seq, content=WRONG, **row) for seq in range(2, count + 1))
    made = {"learner": student.user, "author": teacher.user, "source": "peer", "quote": WRONG}
    Correction.objects.bulk_create(
        Correction(message=message, corrected=f"{RIGHT} {number}", **made)
        for message in Message.objects.all()
        for number in range(2)
    )
    read(student, chat)  # the first request of a process has one more query
    with django_assert_num_queries(2):
        found = student.client.get(messages(chat), {"limit": 200}).json()
    assert [len(each["corrections"]) for each in found] == [2] * count


def test_an_instant_without_microseconds_is_written_as_in_other_fields(
    student: Person, teacher: Person, chat: Any
) -> None:
    correct(teacher, chat)
    for microsecond, text in ((0, "10:20:30Z"), (500, "10:20:30.000500Z"), (120_000, "10:20:30.120000Z")):
        instant = f"2026-01-02T10:20:30.{microsecond:06}Z"
        for model in (Correction, Message):
            model.objects.update(created_at=instant)
        [message] = read(student, chat)
        written = message["created_at"], message["corrections"][0]["created_at"]
        assert written == (f"2026-01-02T{text}",) * 2
