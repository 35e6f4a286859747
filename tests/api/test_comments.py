"""Comments of teachers: their place in the conversation, their correction, retries and lists."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Card, Comment, Correction, User, VoiceConversation
from tests.fixtures.people import VOICE, Person
from tests.fixtures.shared import COMMENT, TURNS, Shared, share

KEYS = {
    *("id", "conversation", "author", "turn", "quote", "corrected", "text", "correction", "created_at"),
    "edited_at",
}


def test_a_comment_is_read_by_its_author_and_by_the_learner(shared: Shared) -> None:
    client_id = str(uuid.uuid4())
    made = shared.comment(**COMMENT, client_id=client_id)
    assert set(made) == {*KEYS, "client_id"}
    correction = Correction.objects.get()
    author = {"id": str(shared.teacher.user.pk), "name": "Tomás", "profile_picture": None}
    place = {"conversation": shared.pk, "turn": 2, "author": author, "correction": correction.pk}
    assert made == {**made, **COMMENT, **place, "client_id": client_id, "edited_at": None}
    assert shared.teacher.client.get(f"{shared.path}comments/").json() == [made]
    assert shared.teacher.client.get(shared.path).json()["comments"] == [made]
    del made["client_id"]
    assert shared.learner.client.get(f"{shared.own_path}comments/").json() == [made]
    assert shared.count() == shared.teacher.client.get(shared.path).json()["comments_count"] == 1


def test_a_comment_with_corrected_is_a_correction_and_a_card(shared: Shared) -> None:
    made = shared.comment(**COMMENT)
    row = Correction.objects.get()
    assert (row.source, row.author, row.learner) == ("teacher", shared.teacher.user, shared.learner.user)
    assert (row.conversation_id, row.turn, row.comment_id) == (shared.pk, 2, made["id"])
    assert (row.quote, row.corrected, row.explanation, row.language_code) == (
        "Yo soy hambre",
        "Yo tengo hambre",
        "Use tener.",
        "es",
    )
    assert shared.texts_of_cards() == [("Yo **soy** hambre", "Yo tengo hambre", "Use tener.")]
    shared.comment(text="Bien dicho.", quote="Hola")
    assert Correction.objects.count() == 1, "a comment without corrected is no correction"


def test_no_card_is_made_for_a_learner_who_has_switched_that_off(shared: Shared) -> None:
    User.objects.filter(pk=shared.learner.user.pk).update(auto_cards=False)
    made = shared.comment(**COMMENT)
    shared.patch(made, corrected="Tengo hambre")
    assert (Correction.objects.get().corrected, Card.objects.count()) == ("Tengo hambre", 0)


@pytest.mark.parametrize(
    ("given", "turn", "quote"),
    [
        ({}, None, ""),
        ({"turn": None, "quote": "", "corrected": ""}, None, ""),
        ({"turn": 1}, 1, ""),
        ({"quote": "Hola"}, 0, "Hola"),
        ({"quote": "Hola", "turn": 1}, 1, "Hola"),
        ({"quote": "¡hola!  ¿qué tal"}, 1, "¡Hola! ¿Qué tal"),
        ({"quote": "“un mesa”", "corrected": "“una mesa”"}, 2, "un mesa"),
        ({"turn": 0, "corrected": "Hola, me llamo Ana."}, 0, TURNS[0]),
    ],
)
def test_the_quote_is_stored_in_the_letters_of_its_turn(
    shared: Shared, given: Any, turn: int | None, quote: str
) -> None:
    made = shared.comment(**given)
    assert (made["turn"], made["quote"]) == (turn, quote)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "\u200b"}, "text"),
        ({"text": 5}, "text"),
        ({"text": "x" * 2_001}, "text"),
        ({"quote": "x" * 2_001}, "quote"),
        ({"corrected": "x" * 2_001, "quote": "Hola"}, "corrected"),
        ({"turn": 3}, "turn"),
        ({"turn": -1}, "turn"),
        ({"turn": 2**31}, "turn"),
        ({"quote": "not said"}, "quote"),
        ({"quote": "hambre", "turn": 0}, "quote"),
        ({"corrected": "Yo tengo hambre"}, "quote"),
        ({"quote": "Hola", "corrected": "“Hola”"}, "corrected"),
        ({"client_id": "x"}, "client_id"),
    ],
)
def test_an_invalid_comment_names_its_field(shared: Shared, given: Any, field: str) -> None:
    answer = shared.post(**given)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {field})
    assert not Comment.objects.exists() and shared.count() == 0


def test_a_turn_of_a_text_is_0_and_a_long_turn_needs_a_quote(shared: Shared) -> None:
    long = f"User: Yo soy hambre. {'x ' * 1_000}"
    shared.learner.client.patch(shared.own_path, {"transcription": long})
    assert shared.comment(quote="soy hambre")["turn"] == 0
    assert set(shared.post(turn=0, corrected="x").json()["errors"]) == {"quote"}
    assert set(shared.post(turn=1).json()["errors"]) == {"turn"}


def test_a_quote_far_inside_a_long_text_is_found_if_it_is_exact(shared: Shared) -> None:
    shared.learner.client.patch(shared.own_path, {"transcription": f"User: {'x ' * 15_000} Yo soy hambre."})
    assert shared.comment(quote="soy hambre")["quote"] == "soy hambre"
    assert set(shared.post(quote="SOY HAMBRE").json()["errors"]) == {"quote"}, "folding it would take seconds"


@pytest.mark.slow
@pytest.mark.parametrize("turn", ["", "a", "hola que tal amigo 12"])
def test_an_absent_quote_is_searched_in_many_short_turns_within_seconds(shared: Shared, turn: str) -> None:
    messages = [{"role": "user", "text": "Hola"}, *[{"role": "user", "text": turn}] * 15_000]
    shared.learner.client.patch(shared.own_path, {"transcription": {"messages": messages}})
    began = time.process_time()
    assert set(shared.post(quote="“nunca” " * 200, corrected="x").json()["errors"]) == {"quote"}
    assert time.process_time() - began < 3, "the conversation is locked meanwhile"


def test_a_comment_is_stored_once_per_client_id(shared: Shared, make_teacher: Callable[..., Person]) -> None:
    client_id = str(uuid.uuid4())
    made = shared.comment(**COMMENT, client_id=client_id)
    shared.patch(made, text="Usa tener.")
    again = shared.post(**COMMENT, client_id=client_id, turn=None)
    assert (again.status_code, again.json()["text"]) == (200, "Usa tener.")
    other = shared.post(text="Other", client_id=client_id)
    assert (other.status_code, other.json()["code"]) == (409, "client_id_reused")
    assert Comment.objects.count() == Correction.objects.count() == shared.count() == 1
    berta = make_teacher("Berta")
    share(shared.learner, shared.pk, berta)
    assert Shared(shared.pk, shared.learner, berta).post(client_id=client_id).status_code == 201


def test_a_conversation_has_up_to_500_comments(shared: Shared) -> None:
    VoiceConversation.objects.update(comments_count=499)
    assert shared.post().status_code == 201
    answer = shared.post()
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_comments")


# ------------------------------------------------------------------------------------ lists


@pytest.mark.parametrize(("by_learner", "queries"), [(True, 2), (False, 3)])
def test_lists_of_comments_take_the_same_queries_for_1_and_200_rows(
    shared: Shared, django_assert_num_queries: Any, by_learner: bool, queries: int
) -> None:
    person, path = (shared.learner, shared.own_path) if by_learner else (shared.teacher, shared.path)
    for number in (1, 200):
        rows = [
            Comment(conversation_id=shared.pk, author=shared.teacher.user, text="x")
            for _ in range(number - Comment.objects.count())
        ]
        Comment.objects.bulk_create(rows)
        with django_assert_num_queries(queries):  # caller, list; for the teacher also the share
            answer = person.client.get(f"{path}comments/", {"limit": 200})
        assert len(answer.json()) == number
    page = person.client.get(f"{path}comments/", {"limit": 150})
    following = person.client.get(page["Link"].partition("<")[2].partition(">")[0])
    assert page.json() + following.json() == answer.json()


def test_an_empty_list_of_comments_differs_from_that_of_an_absent_conversation(student: Person) -> None:
    pk = student.save_conversation()["id"]
    assert student.client.get(f"{VOICE}{pk}/comments/").json() == []
    assert student.client.get(f"{VOICE}{pk + 1}/comments/").status_code == 404
    assert student.client.get(f"{VOICE}{pk + 1}/shares/").status_code == 404


def test_the_list_of_conversations_has_the_number_of_comments(shared: Shared) -> None:
    shared.comment()
    [listed] = shared.learner.client.get(VOICE).json()
    assert listed == shared.learner.client.get(shared.own_path).json()
    assert listed["comments_count"] == 1
    assert shared.learner.client.patch(shared.own_path, {"comments_count": 9}).json()["comments_count"] == 1
