"""Reviews of flashcards. The scheduler is FSRS-6, of the package ``fsrs``."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import fsrs
from django.db import transaction

from accounts.errors import ClientIdReused, Conflict, InvalidInput
from accounts.models import Card, CardReview, User
from accounts.models.card_reviews import MAX_REVIEWS

MAX_AHEAD = timedelta(minutes=5)  # of a device's clock
STATES = {
    Card.State.LEARNING: fsrs.State.Learning,
    Card.State.REVIEW: fsrs.State.Review,
    Card.State.RELEARNING: fsrs.State.Relearning,
}
STATE_NAMES = {found: name for name, found in STATES.items()}
SCHEDULED = ["state", "step", "stability", "difficulty", "due_at", "last_reviewed_at"]


@transaction.atomic
def review_card(
    *,
    user: User,
    pk: int,
    rating: int,
    client_id: UUID,
    at: datetime,
    reviewed_at: datetime | None = None,
    seconds: float | None = None,
) -> tuple[Card, bool]:
    """Stores a review of one of the user's cards, and schedules the card. Idempotent by ``client_id``.

    ``reviewed_at`` is ``at`` by default. A review that arrives late is put in its place in the order of
    replay, and all reviews are replayed. The lock of the card serialises its reviews. Returns the card as it
    is now, and whether the review is new. Raises NotFound, ClientIdReused, InvalidInput for a
    ``reviewed_at`` before the card's creation or more than MAX_AHEAD in the future, Conflict beyond
    MAX_REVIEWS, AccountDeleted.
    """
    User.objects.lock_present(user.pk)
    card = Card.objects.for_user(user).with_sources().locked(pk=pk)
    if first := CardReview.objects.of_card(card.pk).by_client_id(client_id):
        if (first.rating, first.reviewed_at) != (rating, reviewed_at or first.reviewed_at):
            raise ClientIdReused
        return card, False
    review = CardReview(
        card=card,
        learner=user,
        client_id=client_id,
        rating=rating,
        reviewed_at=(reviewed_at or at).astimezone(UTC),
        seconds=seconds,
        desired_retention=user.desired_retention,
    )
    check_time(card, review, at)
    store(card, review)
    return card, True


def check_time(card: Card, review: CardReview, at: datetime) -> None:
    """Raises InvalidInput for a review before the card's creation, or later than MAX_AHEAD after ``at``."""
    if review.reviewed_at < card.created_at:
        message = "A card cannot be reviewed before its creation."
    elif review.reviewed_at > at + MAX_AHEAD:
        minutes = MAX_AHEAD // timedelta(minutes=1)
        message = f"A review is at most {minutes} minutes in the future. Check the clock of the device."
    else:
        return
    raise InvalidInput(f"reviewed_at: {message}", errors={"reviewed_at": [message]})


def store(card: Card, review: CardReview) -> None:
    """Saves a new review and the state of its card. Raises Conflict beyond MAX_REVIEWS."""
    known = CardReview.objects.of_card(card.pk)
    if known.count() >= MAX_REVIEWS:
        raise Conflict(
            f"A card has at most {MAX_REVIEWS:,} reviews. Create a new card.", code="too_many_reviews"
        )
    is_last = not known.after(review).exists()
    review.save(force_insert=True)
    if is_last:
        schedule(card, [review])
    else:
        replay(card)
    card.save(update_fields=[*SCHEDULED, "updated_at"])


def replay(card: Card) -> None:
    """Computes the state of the card from all its reviews. Does not save it."""
    card.state, card.due_at = Card.State.NEW, card.created_at
    card.step = card.stability = card.difficulty = card.last_reviewed_at = None
    schedule(card, CardReview.objects.of_card(card.pk).in_order())


def schedule(card: Card, reviews: Iterable[CardReview]) -> None:
    """Applies the reviews, in this order, to the state of the card. Does not save it."""
    found = fsrs.Card(
        card_id=0,  # otherwise the package waits for a millisecond to make one
        state=STATES.get(Card.State(card.state), fsrs.State.Learning),
        step=card.step,
        stability=card.stability,
        difficulty=card.difficulty,
        due=card.due_at,
        last_review=card.last_reviewed_at,
    )
    for review in reviews:
        scheduler = scheduler_for(review.desired_retention)
        found, _ = scheduler.review_card(found, fsrs.Rating(review.rating), review.reviewed_at)
    card.state, card.step = STATE_NAMES[found.state], found.step
    card.stability, card.difficulty = found.stability, found.difficulty
    card.due_at, card.last_reviewed_at = found.due, found.last_review


@lru_cache(maxsize=512)
def scheduler_for(desired_retention: float) -> Any:
    """The scheduler. Without fuzzing, so that a replay gives the same state again."""
    return fsrs.Scheduler(desired_retention=desired_retention, enable_fuzzing=False)
