"""The state of a card after reviews, and the times that a review may have."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.errors import InvalidInput
from accounts.models import Card, CardReview
from accounts.services import card_reviews

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
AGAIN, GOOD = 1, 3


def new_card() -> Card:
    return Card(created_at=AT, due_at=AT)


def test_reviews_one_by_one_give_the_state_of_all_at_once() -> None:
    single, states = new_card(), []
    rated = [(GOOD, 0), (GOOD, 1), (AGAIN, 60), (GOOD, 61), (GOOD, 200), (AGAIN, 900), (AGAIN, 901)]
    reviews = [
        CardReview(rating=rating, reviewed_at=AT + timedelta(hours=hours), desired_retention=0.9)
        for rating, hours in rated
    ]
    for count, review in enumerate(reviews, 1):
        card_reviews.schedule(single, [review])
        whole = new_card()
        card_reviews.schedule(whole, reviews[:count])
        for name in card_reviews.SCHEDULED:
            assert getattr(single, name) == getattr(whole, name), (count, name)
        states.append((single.state, single.step))
    review, relearning = ("review", None), ("relearning", 0)
    assert states == [("learning", 1), review, relearning, review, review, relearning, relearning]


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [(0, None), (-1, "before its creation"), (86_400 + 300, None), (86_400 + 301, "at most 5 minutes")],
)
def test_a_review_is_between_the_creation_and_five_minutes_from_now(
    seconds: int, sentence: str | None
) -> None:
    review = CardReview(reviewed_at=AT + timedelta(seconds=seconds))
    now = AT + timedelta(days=1)
    if sentence is None:
        return card_reviews.check_time(new_card(), review, now)
    with pytest.raises(InvalidInput, match=sentence):
        card_reviews.check_time(new_card(), review, now)
