"""Cards: creation, changes, suspension, deletion."""

import uuid
from typing import Any

import pytest

from accounts.models import Card, CardReview, CardSource, Correction
from accounts.values import flashcards
from tests.fixtures.learning import card_ids, correct_a_turn
from tests.fixtures.people import CARD, CARDS, Person

pytestmark = pytest.mark.django_db
KEYS = {
    *("id", "front", "back", "note", "language_code", "sources", "state", "due_at", "stability"),
    *("difficulty", "last_reviewed_at", "client_id", "created_at", "updated_at"),
}


def one(card: dict[str, Any]) -> str:
    return f"{CARDS}{card['id']}/"


def test_a_card_has_the_documented_keys_everywhere(student: Person) -> None:
    made = student.make_card(client_id="7c9e6679-7425-40de-944b-e07fc1f90ae7")
    assert set(made) == KEYS
    assert student.client.get(one(made)).json() == made
    assert student.client.get(CARDS).json() == [made]


def test_a_new_card_is_due_at_once(student: Person) -> None:
    made = student.make_card()
    assert {name: made[name] for name in ("front", "back", "note")} == {
        name: CARD[name] for name in ("front", "back", "note")
    }
    assert (made["language_code"], made["state"], made["sources"]) == ("es", "new", [])
    assert made["due_at"] == made["created_at"]
    empty = ("stability", "difficulty", "last_reviewed_at", "client_id")
    assert [made[name] for name in empty] == [None] * 4
    assert card_ids(student, due="now") == [made["id"]]


@pytest.mark.parametrize("language", ["es", "Spanish", "español", "スペイン語", "es-MX"])
def test_a_language_may_be_spelt_in_any_way(student: Person, language: str) -> None:
    assert student.make_card(language=language)["language_code"] == "es"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"front": " "}, "front"),
        ({"front": None}, "front"),
        ({"front": "x" * 10_001}, "front"),
        ({"back": ""}, "back"),
        ({"back": "x" * 10_001}, "back"),
        ({"back": 5}, "back"),
        ({"note": "x" * 2_001}, "note"),
        ({"language": ""}, "language"),
        ({"language": "x" * 51}, "language"),
        ({"client_id": "1"}, "client_id"),
    ],
)
def test_an_invalid_card_is_a_400_that_names_the_field(student: Person, change: Any, field: str) -> None:
    response = student.client.post(CARDS, {**CARD, **change})
    assert (response.status_code, list(response.json()["errors"])) == (400, [field])
    made = student.make_card(front="x" * 10_000, back="y" * 10_000, note="z" * 2_000)
    patched = student.client.patch(one(made), change)
    if field != "client_id":
        assert (patched.status_code, list(patched.json()["errors"])) == (400, [field])


@pytest.mark.parametrize("field", ["front", "back", "language"])
def test_a_card_needs_two_sides_and_a_language(student: Person, field: str) -> None:
    response = student.client.post(CARDS, {name: CARD[name] for name in CARD if name != field})
    assert (response.status_code, list(response.json()["errors"])) == (400, [field])


def test_a_retry_returns_the_card_as_it_is_now(student: Person) -> None:
    client_id = str(uuid.uuid4())
    body = {name: CARD[name] for name in CARD if name != "note"}
    first = student.client.post(CARDS, {**body, "client_id": client_id}).json()
    edited = student.client.patch(one(first), {"note": "Now"}).json()
    retry = student.client.post(CARDS, {**body, "note": "", "client_id": client_id})
    assert (retry.status_code, retry.json()) == (200, edited)
    other = student.client.post(CARDS, {**CARD, "client_id": client_id, "back": "Other"})
    assert (other.status_code, other.json()["code"]) == (409, "client_id_reused")


def test_two_cards_with_one_answer_are_two_cards(student: Person) -> None:
    first, second = student.make_card(), student.make_card()
    assert first["id"] != second["id"]
    keys = Card.objects.order_by("id").values_list("dedupe_key", flat=True)
    assert list(keys) == [flashcards.dedupe_key(CARD["back"]), ""]


def test_a_correction_joins_the_card_with_its_right_form(student: Person) -> None:
    first = student.make_card(back="Una mesa, para dos.")
    student.make_card(back="Una mesa para dos")
    correction = correct_a_turn(student)
    assert student.client.get(one(first)).json()["sources"] == [correction.pk]
    assert len(card_ids(student)) == 2


def test_an_edit_keeps_the_schedule_and_the_key(student: Person) -> None:
    correction = correct_a_turn(student)
    [card] = student.client.get(CARDS).json()
    reviewed = student.review(card)
    changed = student.client.patch(one(card), {"back": "Mesa para dos", "language": "German"}).json()
    expected = {"back": "Mesa para dos", "language_code": "de", "updated_at": changed["updated_at"]}
    assert changed == {**reviewed, **expected}
    stored = Card.objects.get()
    assert stored.dedupe_key == flashcards.dedupe_key("una mesa para dos")
    assert stored.edited_at is not None
    assert changed["sources"] == [correction.pk]
    assert card_ids(student, search="mesa para") == [card["id"]]


def test_a_card_moved_to_a_language_with_the_same_answer_loses_its_key(student: Person) -> None:
    first, second = student.make_card(language="Catalan"), student.make_card()
    moved = student.client.patch(one(second), {"language": "ca"})
    assert (moved.status_code, moved.json()["language_code"]) == (200, "ca")
    assert Card.objects.get(pk=second["id"]).dedupe_key == ""
    assert Card.objects.get(pk=first["id"]).dedupe_key != ""


def test_client_id_and_schedule_cannot_be_changed(student: Person) -> None:
    made = student.make_card()
    body = {
        "client_id": str(uuid.uuid4()),
        "state": "review",
        "due_at": "2030-01-01T00:00:00Z",
        "sources": [1],
    }
    changed = student.client.patch(one(made), body).json()
    assert {**changed, "updated_at": made["updated_at"]} == made


def test_a_deleted_card_is_gone_with_its_reviews_and_not_its_corrections(student: Person) -> None:
    correct_a_turn(student)
    [card] = student.client.get(CARDS).json()
    student.review(card)
    assert student.client.delete(one(card)).status_code == 204
    assert student.client.delete(one(card)).status_code == 404
    assert not Card.objects.exists() and not CardReview.objects.exists() and not CardSource.objects.exists()
    assert Correction.objects.exists()


def test_nobody_else_reaches_a_card(student: Person, stranger: Person) -> None:
    card = student.make_card()
    assert card_ids(stranger) == []
    calls = {
        "get": stranger.client.get(one(card)),
        "patch": stranger.client.patch(one(card), {"note": "x"}),
        "delete": stranger.client.delete(one(card)),
        "suspend": stranger.client.post(f"{one(card)}suspend/"),
        "resume": stranger.client.post(f"{one(card)}resume/"),
        "review": stranger.client.post(
            f"{one(card)}review/", {"rating": "good", "client_id": str(uuid.uuid4())}
        ),
    }
    assert {name: response.status_code for name, response in calls.items()} == dict.fromkeys(calls, 404)
    assert student.client.get(one(card)).json() == card


def test_a_suspended_card_is_not_due_until_it_is_resumed(student: Person) -> None:
    card = student.make_card()
    for _ in range(2):
        suspended = student.client.post(f"{one(card)}suspend/").json()
        assert suspended["state"] == "suspended"
    assert (card_ids(student, due="now"), card_ids(student, state="new")) == ([], [])
    assert card_ids(student, state="suspended") == card_ids(student) == [card["id"]]
    assert student.client.get(one(card)).json() == suspended
    resumed = student.client.post(f"{one(card)}resume/").json()
    assert resumed == {**card, "updated_at": resumed["updated_at"]}
    assert card_ids(student, due="now") == [card["id"]]


@pytest.mark.parametrize(
    ("call", "count"), [("get", 2), ("patch", 5), ("suspend", 5), ("post", 7), ("retry", 7), ("delete", 7)]
)
def test_a_request_costs_a_fixed_number_of_queries(
    student: Person, django_assert_num_queries: Any, call: str, count: int
) -> None:
    """Two of them begin and end a transaction; POST has a savepoint for the key of the answer."""
    client_id = str(uuid.uuid4())
    card = student.make_card(client_id=client_id)
    calls = {
        "get": lambda: student.client.get(one(card)),
        "patch": lambda: student.client.patch(one(card), {"back": "New"}),
        "suspend": lambda: student.client.post(f"{one(card)}suspend/"),
        "post": lambda: student.client.post(CARDS, {**CARD, "back": "Other"}),
        "retry": lambda: student.client.post(CARDS, {**CARD, "client_id": client_id}),
        "delete": lambda: student.client.delete(one(card)),
    }
    student.client.get(one(card))  # the first request of a process has one more query
    with django_assert_num_queries(count):
        assert calls[call]().status_code in (200, 201, 204)


def test_a_card_of_a_right_form_is_found_by_its_language_and_its_key(student: Person) -> None:
    keys = [("es", "estoy"), ("es", "soy"), ("de", "estoy")]
    for language, key in keys:
        made = student.make_card()
        Card.objects.filter(pk=made["id"]).update(language_code=language, dedupe_key=key)
    found = Card.objects.with_keys(["es"], ["estoy"]).values_list("language_code", "dedupe_key")
    assert list(found) == [("es", "estoy")]
