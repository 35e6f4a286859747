"""STORAGE_BYTES_PER_USER: what a full account may not do, and what it may."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Card, Correction, Gig, Message, StoredBytes, VoiceConversation, VoiceSession
from tests.fixtures.jobs import pass_time, run_jobs
from tests.fixtures.people import CARD, CARDS, CHATS, CONVERSATION, GENERATED, GIG, GIGS, VOICE, Person
from tests.fixtures.shared import Shared, share
from tests.fixtures.stored_bytes import counted
from tests.fixtures.voice_events import turn
from tests.fixtures.voice_sessions import SESSION, WISH, ask, finish, report

LONG = "x" * 1_000
KEYS = {"detail", "code", "used_bytes", "allowed_bytes"}


@pytest.fixture
def full(settings: Any) -> Callable[[Person], int]:
    """Sets the limit to what a person stores. Returns it, in bytes."""

    def fill(person: Person) -> int:
        settings.STORAGE_BYTES_PER_USER = StoredBytes.objects.of_user(person.user.pk)
        return settings.STORAGE_BYTES_PER_USER

    return fill


def is_refused(response: Any) -> bool:
    """Whether the account was full."""
    return (response.status_code, response.json().get("code")) == (409, "storage_full")


@pytest.mark.slow
@pytest.mark.usefixtures("simulator")
def test_a_full_account_stores_nothing_until_it_deletes_a_conversation(
    make_teacher: Callable[..., Person], student: Person, full: Callable[[Person], int]
) -> None:
    person = make_teacher("Tomás")
    client = person.client
    big = person.save_conversation(topic="To delete", transcription=LONG * 20)
    own = f"{VOICE}{person.save_conversation()['id']}/"
    gig = f"{GIGS}{person.offer()['id']}/"
    card = f"{CARDS}{person.make_card()['id']}/"
    chat = person.open_chat(student)
    messages = f"{CHATS}{chat['id']}/messages/"
    person.write(chat)
    student.write(chat, "Yo soy bien")
    shared = Shared(student.save_conversation()["id"], student, person)
    assert share(student, shared.pk, person).status_code == 201
    comment = f"{shared.path}comments/{shared.comment(text='Bien.')['id']}/"
    person.user.refresh_from_db()
    allowed = full(person)
    before = counted()

    def writes() -> dict[str, Any]:
        """One write of each kind that stores more."""
        return {
            "new conversation": client.post(VOICE, CONVERSATION),
            "new message": client.post(messages, {"content": "Hola"}),
            "new card": client.post(CARDS, {**CARD, "back": "Yo estoy muy cansado"}),
            "new gig": client.post(GIGS, GIG),
            "new comment": client.post(f"{shared.path}comments/", {"text": "Muy bien."}),
            "new correction": client.post(f"{messages}2/corrections/", {"corrected": "Estoy bien"}),
            "new voice session": client.post(SESSION, WISH),
            "longer conversation": client.patch(own, {"transcription": LONG}),
            "replaced conversation": client.put(own, {**CONVERSATION, "transcription": LONG * 2}),
            "more feedback": client.patch(f"{own}add_feedback/", {"ai_feedback": {"note": LONG}}),
            "longer message": client.patch(f"{messages}1/", {"content": LONG}),
            "longer card": client.patch(card, {"note": LONG}),
            "longer gig": client.patch(gig, {"description": LONG}),
            "replaced gig": client.put(gig, {**GIG, "description": LONG * 2}),
            "longer comment": client.patch(comment, {"text": LONG}),
        }

    found = writes()
    assert {name for name, response in found.items() if not is_refused(response)} == set()
    assert counted() == before, "nothing is written"
    assert VoiceSession.objects.count() == 0
    for response in found.values():
        body = response.json()
        assert (set(body), body["used_bytes"], body["allowed_bytes"]) == (KEYS, allowed, allowed)
        assert f"{allowed:,} bytes" in body["detail"] and "Delete conversations" in body["detail"]
    assert client.get(own).status_code == 200
    assert client.delete(f"{VOICE}{big['id']}/").status_code == 204
    again = {name: response.status_code for name, response in writes().items()}
    assert {name for name, status in again.items() if status not in (200, 201)} == set(), again
    print(f"\n{len(found)} kinds of writes refused at {allowed:,} bytes, accepted after one deletion.")


def test_a_full_account_may_shrink_what_it_stores(
    student: Person, teacher: Person, full: Callable[[Person], int]
) -> None:
    own = f"{VOICE}{student.save_conversation()['id']}/"
    chat = student.open_chat(teacher)
    student.write(chat, LONG)
    card = f"{CARDS}{student.make_card()['id']}/"
    full(student)
    patch = student.client.patch
    message = f"{CHATS}{chat['id']}/messages/1/"
    answers = [
        patch(own, {"transcription": "Hola"}),
        student.client.put(own, {**CONVERSATION, "transcription": "Ay"}),
        patch(message, {"content": "Hola"}),
        patch(card, {"note": ""}),
    ]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert student.client.delete(message).status_code == 204
    assert student.client.delete(card).status_code == 204


def test_a_full_account_may_still_practise_and_change_its_profile(
    student: Person, full: Callable[[Person], int]
) -> None:
    card = student.make_card()
    full(student)
    student.review(card)
    assert student.client.patch("/accounts/users/me/", {"bio": LONG}).status_code == 200
    assert student.client.post(f"{CARDS}{card['id']}/suspend/").status_code == 200


def test_the_row_that_crosses_the_limit_is_stored(student: Person, settings: Any) -> None:
    settings.STORAGE_BYTES_PER_USER = 1_000
    student.save_conversation(transcription=LONG * 5)
    assert StoredBytes.objects.of_user(student.user.pk) > 5_000
    assert is_refused(student.client.post(VOICE, CONVERSATION))


def test_a_retry_returns_the_first_row_of_a_full_account(
    student: Person, teacher: Person, full: Callable[[Person], int]
) -> None:
    once = {"client_id": str(uuid.uuid4())}
    chat = student.open_chat(teacher)
    messages = f"{CHATS}{chat['id']}/messages/"
    paths = {VOICE: CONVERSATION, CARDS: CARD, messages: {"content": "Hola"}}
    first = {path: student.client.post(path, {**body, **once}).json() for path, body in paths.items()}
    full(student)
    for path, body in paths.items():
        response = student.client.post(path, {**body, **once})
        assert (response.status_code, response.json()["id"]) == (200, first[path]["id"]), path


@pytest.mark.slow
@pytest.mark.usefixtures("simulator")
@pytest.mark.parametrize("by_learner", [True, False])
def test_a_session_of_a_full_account_is_saved(
    student: Person, full: Callable[[Person], int], by_learner: bool
) -> None:
    student.make_card()
    pk = ask(student).json()["id"]
    full(student)
    assert is_refused(student.client.post(SESSION, WISH))
    events = [*turn(1, "user", LONG), *turn(2, "assistant", "Hola")]
    assert report(student, pk, events).status_code == 200
    if by_learner:
        assert finish(student, pk).status_code == 201
    else:
        pass_time(timedelta(hours=2))
        assert run_jobs() == []
    saved = VoiceConversation.objects.get(session=pk)
    assert LONG in str(saved.transcription)


def test_feedback_of_the_ai_and_cards_reach_a_full_account(
    student: Person, teacher: Person, full: Callable[[Person], int]
) -> None:
    row = VoiceConversation.objects.get(pk=student.save_conversation()["id"])
    chat = student.open_chat(teacher)
    student.write(chat, "Yo soy bien")
    full(student)
    row.store_feedback({**GENERATED, "conversation_flow": LONG})
    path = f"{CHATS}{chat['id']}/messages/1/corrections/"
    assert teacher.client.post(path, {"corrected": "Estoy bien"}).status_code == 201
    assert Card.objects.for_user(student.user).count() == Correction.objects.count() == 1


def test_without_a_limit_nothing_is_refused(student: Person, settings: Any) -> None:
    settings.STORAGE_BYTES_PER_USER = 0
    student.save_conversation(transcription=LONG * 100)
    student.make_card()


def test_a_deleted_message_keeps_the_200_bytes_of_its_row(student: Person, teacher: Person) -> None:
    chat = student.open_chat(teacher)
    student.write(chat, LONG)
    assert StoredBytes.objects.of_user(student.user.pk) == 1_200
    student.client.delete(f"{CHATS}{chat['id']}/messages/1/")
    assert StoredBytes.objects.of_user(student.user.pk) == 200
    assert Message.objects.count() == 1 and Gig.objects.count() == 0


def test_what_others_write_does_not_fill_an_account(
    student: Person, teacher: Person, full: Callable[[Person], int]
) -> None:
    chat = student.open_chat(teacher)
    student.write(chat)
    teacher.write(chat, LONG)
    assert StoredBytes.objects.of_user(student.user.pk) == 204
    full(teacher)
    assert is_refused(teacher.client.post(f"{CHATS}{chat['id']}/messages/", {"content": "Hola"}))
    student.write(chat)
