"""Reviews of cards: the schedule of FSRS, repetition, late arrival, limits."""

import itertools
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import fsrs
import pytest
from django.utils import timezone

from accounts.models import Card, CardReview, User
from accounts.models.card_reviews import MAX_REVIEWS
from tests.fixtures.people import CARDS, Person

pytestmark = pytest.mark.django_db
RATINGS = {
    "again": fsrs.Rating.Again,
    "hard": fsrs.Rating.Hard,
    "good": fsrs.Rating.Good,
    "easy": fsrs.Rating.Easy,
}


@pytest.fixture
def card(student: Person) -> dict[str, Any]:
    """A card that was created 100 days ago."""
    made = student.make_card()
    Card.objects.update(created_at=timezone.now() - timedelta(days=100))
    return {**made, **student.client.get(f"{CARDS}{made['id']}/").json()}


def send(person: Person, card: dict[str, Any], **body: Any) -> Any:
    """The response to a review."""
    sent = {"rating": "good", "client_id": str(uuid.uuid4()), **body}
    return person.client.post(f"{CARDS}{card['id']}/review/", sent)


def schedule_of(card: dict[str, Any]) -> dict[str, Any]:
    """What a review changes."""
    names = ("state", "due_at", "stability", "difficulty", "last_reviewed_at")
    return {name: card[name] for name in names}


def expected(reviews: list[tuple[str, datetime]], retention: float = 0.9) -> dict[str, Any]:
    """The schedule of a card with these reviews, by the package alone."""
    found = fsrs.Card()
    scheduler = fsrs.Scheduler(desired_retention=retention, enable_fuzzing=False)
    for rating, at in reviews:
        found, _ = scheduler.review_card(found, RATINGS[rating], at)
    assert found.last_review
    return {
        "state": found.state.name.lower(),
        "due_at": found.due.isoformat().replace("+00:00", "Z"),
        "stability": found.stability,
        "difficulty": found.difficulty,
        "last_reviewed_at": found.last_review.isoformat().replace("+00:00", "Z"),
    }


def days_ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def test_a_review_schedules_the_card(student: Person, card: dict[str, Any]) -> None:
    response = send(student, card, rating="easy", seconds=4.5)
    assert response.status_code == 201
    reviewed = response.json()
    assert reviewed["state"] == "review"
    assert reviewed["due_at"] > reviewed["last_reviewed_at"] > card["due_at"]
    assert student.client.get(f"{CARDS}{card['id']}/").json() == reviewed
    stored = CardReview.objects.get()
    assert (stored.seconds, stored.desired_retention, stored.rating) == (4.5, 0.9, 4)
    assert {**card, **schedule_of(reviewed), "updated_at": reviewed["updated_at"]} == reviewed


@pytest.mark.slow
def test_reviews_have_the_schedule_of_the_package_in_any_order_of_arrival(student: Person) -> None:
    history = [
        ("good", days_ago(90)),
        ("again", days_ago(60)),
        ("hard", days_ago(59.9)),
        ("easy", days_ago(9)),
    ]
    answers = set()
    for arrival in itertools.permutations(history):
        made = student.make_card()
        Card.objects.filter(pk=made["id"]).update(created_at=days_ago(100))
        for rating, at in arrival:
            last = student.review(made, rating, reviewed_at=at.isoformat())
        assert schedule_of(last) == expected(history)
        answers.add(str(schedule_of(last)))
    assert len(answers) == 1


def test_reviews_of_one_instant_are_in_the_order_of_their_client_ids(student: Person) -> None:
    at, keys = days_ago(5), [str(uuid.UUID(int=number)) for number in (1, 2)]
    order = list(zip(("again", "easy"), keys, strict=True))
    for arrival in (order, order[::-1]):
        made = student.make_card()
        Card.objects.filter(pk=made["id"]).update(created_at=days_ago(100))
        for rating, key in arrival:
            last = student.review(made, rating, client_id=key, reviewed_at=at.isoformat())
        assert schedule_of(last) == expected([("again", at), ("easy", at)])


def test_a_repeated_review_is_stored_once(student: Person, card: dict[str, Any]) -> None:
    at, key = days_ago(3).isoformat(), str(uuid.uuid4())
    assert send(student, card, client_id=key, reviewed_at=at).status_code == 201
    latest = send(student, card, rating="easy").json()
    for again in ({"reviewed_at": at}, {"reviewed_at": None}, {}):
        response = send(student, card, client_id=key, **again)
        assert (response.status_code, response.json()) == (200, latest)
    assert CardReview.objects.count() == 2


@pytest.mark.parametrize("other", [{"rating": "easy"}, {"reviewed_at": "2026-01-01T00:00:00Z"}])
def test_a_repeated_client_id_with_another_review_is_a_409(
    student: Person, card: dict[str, Any], other: dict[str, Any]
) -> None:
    key = str(uuid.uuid4())
    send(student, card, client_id=key)
    response = send(student, card, client_id=key, **other)
    assert (response.status_code, response.json()["code"]) == (409, "client_id_reused")
    assert CardReview.objects.count() == 1


def test_one_client_id_reviews_two_cards(student: Person, card: dict[str, Any]) -> None:
    key = str(uuid.uuid4())
    assert send(student, card, client_id=key).status_code == 201
    assert send(student, student.make_card(), client_id=key).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rating": "perfect"}, "rating"),
        ({"rating": 3}, "rating"),
        ({"rating": None}, "rating"),
        ({"client_id": None}, "client_id"),
        ({"client_id": "1"}, "client_id"),
        ({"reviewed_at": "yesterday"}, "reviewed_at"),
        ({"reviewed_at": "0001-01-01T00:00:00+14:00"}, "reviewed_at"),
        ({"reviewed_at": "9999-12-31T23:59:59-14:00"}, "reviewed_at"),
        ({"seconds": -1}, "seconds"),
        ({"seconds": 86_401}, "seconds"),
        ({"seconds": "nan"}, "seconds"),
        ({"seconds": True}, "seconds"),
    ],
)
def test_an_invalid_review_is_a_400_that_names_the_field(
    student: Person, card: dict[str, Any], body: dict[str, Any], field: str
) -> None:
    response = send(student, card, **body)
    assert (response.status_code, list(response.json()["errors"])) == (400, [field])
    assert not CardReview.objects.exists()


@pytest.mark.parametrize("offset", [timedelta(minutes=6), timedelta(days=-101)])
def test_a_review_in_the_future_or_before_the_card_is_a_400(
    student: Person, card: dict[str, Any], offset: timedelta
) -> None:
    response = send(student, card, reviewed_at=(timezone.now() + offset).isoformat())
    assert (response.status_code, list(response.json()["errors"])) == (400, ["reviewed_at"])
    assert student.client.get(f"{CARDS}{card['id']}/").json() == card


@pytest.mark.parametrize("offset", [timedelta(minutes=4), timedelta(days=-99)])
def test_a_review_of_a_fast_clock_or_of_a_long_journey_is_stored(
    student: Person, card: dict[str, Any], offset: timedelta
) -> None:
    assert send(student, card, reviewed_at=(timezone.now() + offset).isoformat()).status_code == 201


def test_each_review_keeps_the_retention_of_its_arrival(student: Person, card: dict[str, Any]) -> None:
    late, early = days_ago(10), days_ago(50)
    student.review(card, "easy", reviewed_at=late.isoformat())
    User.objects.update(desired_retention=0.8)
    found = student.review(card, "easy", reviewed_at=early.isoformat())
    assert schedule_of(found) == expected([("easy", early), ("easy", late)])  # due by the review of 0.9
    assert list(CardReview.objects.in_order().values_list("desired_retention", flat=True)) == [0.8, 0.9]
    now = datetime.now(UTC)
    latest = schedule_of(student.review(card, "easy", reviewed_at=now.isoformat()))
    assert latest["due_at"] == expected([("easy", early), ("easy", late), ("easy", now)], 0.8)["due_at"]


def test_a_review_beyond_the_limit_is_a_409(student: Person, card: dict[str, Any]) -> None:
    rows = [
        CardReview(
            card_id=card["id"],
            learner=student.user,
            rating=3,
            reviewed_at=days_ago(90) + timedelta(hours=number),
            desired_retention=0.9,
        )
        for number in range(MAX_REVIEWS - 1)
    ]
    CardReview.objects.bulk_create(rows)
    assert send(student, card, client_id=str(rows[0].client_id)).status_code == 200
    assert send(student, card).status_code == 201
    response = send(student, card)
    assert (response.status_code, response.json()["code"]) == (409, "too_many_reviews")
    assert CardReview.objects.count() == MAX_REVIEWS


def test_a_suspended_card_stays_suspended_after_a_review(student: Person, card: dict[str, Any]) -> None:
    student.client.post(f"{CARDS}{card['id']}/suspend/")
    assert student.review(card)["state"] == "suspended"
    assert student.client.post(f"{CARDS}{card['id']}/resume/").json()["state"] == "learning"


@pytest.mark.parametrize(("earlier", "count"), [(0, 10), (1, 10), (200, 10)])
def test_a_review_costs_a_fixed_number_of_queries(
    student: Person, card: dict[str, Any], django_assert_num_queries: Any, earlier: int, count: int
) -> None:
    """Two of them begin and end the transaction, one is for the user. A late review costs one more."""
    CardReview.objects.bulk_create(
        CardReview(
            card_id=card["id"],
            learner=student.user,
            rating=3,
            reviewed_at=days_ago(90 - number / 10),
            desired_retention=0.9,
        )
        for number in range(earlier)
    )
    student.client.get(f"{CARDS}{card['id']}/")
    with django_assert_num_queries(count):
        student.review(card)
    with django_assert_num_queries(count + 1):
        student.review(card, reviewed_at=days_ago(80).isoformat())
