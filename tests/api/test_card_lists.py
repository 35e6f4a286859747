"""The list of cards: its order, its pages, its filters and its queries."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Card, CardSource
from accounts.rest.renderers import FastJSONRenderer
from accounts.serializers.cards import CardSerializer
from tests.fixtures.learning import card_ids, correct_a_turn
from tests.fixtures.people import CARDS, Person

pytestmark = pytest.mark.django_db


def test_a_list_has_the_values_of_the_serializer(student: Person) -> None:
    correct_a_turn(student)
    student.review(student.make_card(client_id=str(uuid.uuid4())), "easy")
    suspended = student.make_card(note="")
    student.client.post(f"{CARDS}{suspended['id']}/suspend/")
    rows = Card.objects.for_user(student.user).with_sources().due_first()
    expected = FastJSONRenderer().render(CardSerializer(rows, many=True).data)
    listed = student.client.get(CARDS).json()
    assert json.dumps(listed) == json.dumps(json.loads(expected))  # the order of the keys too
    assert {card["state"] for card in listed} == {"new", "review", "suspended"}


def test_cards_that_are_due_first_come_first_on_every_page(student: Person) -> None:
    made = [student.make_card()["id"] for _ in range(5)]
    now = timezone.now()
    for number, pk in enumerate(made):
        Card.objects.filter(pk=pk).update(due_at=now + timedelta(days=(number * 3) % 5))
    expected = [made[0], made[2], made[4], made[1], made[3]]
    assert card_ids(student) == expected
    response, found = student.client.get(CARDS, {"limit": 2}), []
    while True:
        found += [card["id"] for card in response.json()]
        if "Link" not in response:
            break
        response = student.client.get(response["Link"].split(">")[0][1:])
    assert found == expected


def test_due_is_now_or_an_instant(student: Person) -> None:
    early, late = student.make_card(), student.make_card()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    Card.objects.filter(pk=late["id"]).update(due_at=tomorrow)
    for now in ("now", "true", "NOW"):
        assert card_ids(student, due=now) == [early["id"]]
    assert card_ids(student, due=tomorrow.isoformat()) == [early["id"], late["id"]]
    assert card_ids(student, due=(tomorrow - timedelta(seconds=1)).isoformat()) == [early["id"]]
    assert card_ids(student, due="") == [early["id"], late["id"]]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("due", "later"),
        ("due", "false"),
        ("due", "2026-01-31"),
        ("source", "robot"),
        ("state", "old"),
        ("conversation", "x"),
        ("conversation", "0"),
        ("conversation", str(2**63)),
        ("search", "x" * 201),
    ],
)
def test_an_invalid_filter_is_a_400_that_names_it(student: Person, name: str, value: str) -> None:
    response = student.client.get(CARDS, {name: value})
    assert (response.status_code, list(response.json()["errors"])) == (400, [name])


def test_filters_select_cards(student: Person, stranger: Person) -> None:
    correction = correct_a_turn(student)
    correct_a_turn(student, source="teacher", author=stranger.user, corrected="la mesa", language_code="ca")
    [spanish, catalan] = card_ids(student)
    own = student.make_card(front="¿Dónde está?", note="lugar", language="Catalan")["id"]
    student.review({"id": own}, "easy")
    assert card_ids(student, source="ai") == [spanish]
    assert card_ids(student, conversation=correction.conversation_id) == [spanish]
    assert card_ids(student, source="teacher") == [catalan]
    assert card_ids(student, source="self") == []
    assert card_ids(student, language="catalán") == [catalan, own]
    assert card_ids(student, state="review") == [own]
    assert card_ids(student, search="DONDE lugar") == [own]
    assert card_ids(student, search="mesa", source="ai") == [spanish]
    assert card_ids(student, search="mesa nada") == []
    assert card_ids(student, language="ca", state="new", due="now") == [catalan]


@pytest.mark.parametrize("query", [{}, {"due": "now"}, {"language": "es", "state": "new"}, {"source": "ai"}])
@pytest.mark.parametrize("count", [1, 200])
def test_a_list_costs_one_query_and_one_for_the_user(
    student: Person, django_assert_num_queries: Any, count: int, query: dict[str, str]
) -> None:
    correction = correct_a_turn(student)
    now = timezone.now()
    cards = [
        Card(learner=student.user, front="a", back="b", language_code="es", due_at=now, created_at=now)
        for _ in range(count - 1)
    ]
    CardSource.objects.bulk_create(
        CardSource(card=card, correction=correction) for card in Card.objects.bulk_create(cards)
    )
    student.client.get(CARDS, query)  # the first request of a process has one more query
    with django_assert_num_queries(2):
        found = student.client.get(CARDS, {"limit": 200, **query}).json()
    assert len(found) == count
