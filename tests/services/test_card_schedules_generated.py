"""Generated histories of reviews: the stored state is the one of the package ``fsrs``, run alone."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import fsrs
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Card, CardReview, User
from accounts.services import card_reviews
from tests.fixtures.people import Person

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
CREATED = datetime(2026, 1, 1, tzinfo=UTC)
GAPS = st.sampled_from([0, 1, 60, 600, 3_599, 43_200, 86_399, 86_400, 86_401]) | st.integers(0, 200 * 86_400)
RETENTIONS = st.sampled_from([0.7, 0.9, 0.97]) | st.floats(0.7, 0.97)


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Reviews in any order of arrival; some are at the same instant, some are repeated."""
    at, found = CREATED, []
    for number in range(draw(st.integers(1, 8))):
        at += timedelta(seconds=draw(GAPS), microseconds=draw(st.sampled_from([0, 0, 1, 999_999])))
        found.append(
            {
                "rating": draw(st.integers(1, 4)),
                "client_id": UUID(int=draw(st.integers(0, 2**64)) * 8 + number),
                "reviewed_at": at,
                "retention": draw(RETENTIONS),
            }
        )
    return draw(st.permutations(found)) + draw(st.lists(st.sampled_from(found), max_size=2))


def expected(history: list[dict[str, Any]]) -> tuple[Any, ...]:
    """The state by the package alone, with one scheduler for each review."""
    found = fsrs.Card(card_id=1)
    first_arrivals = {review["client_id"]: review for review in reversed(history)}.values()
    for review in sorted(first_arrivals, key=lambda each: (each["reviewed_at"], each["client_id"])):
        scheduler = fsrs.Scheduler(desired_retention=review["retention"], enable_fuzzing=False)
        found, _ = scheduler.review_card(found, fsrs.Rating(review["rating"]), review["reviewed_at"])
    state = found.state.name.lower()
    return state, found.step, found.stability, found.difficulty, found.due, found.last_review


def check(user: User, history: list[dict[str, Any]]) -> None:
    """Reviews a card in the order of arrival. Asserts that the stored state is that of the package."""
    with transaction.atomic():
        made = {"learner": user, "front": "a", "back": "b"}
        card = Card.objects.create(**made, due_at=CREATED, created_at=CREATED)
        for review in history:
            fields = dict(review)
            reviewer = User(pk=user.pk, desired_retention=fields.pop("retention"))
            card_reviews.review_card(user=reviewer, pk=card.pk, at=CREATED + timedelta(days=9_999), **fields)
        stored = Card.objects.get()
        assert CardReview.objects.count() == len({review["client_id"] for review in history})
        found = (stored.state, stored.step, stored.stability, stored.difficulty, stored.due_at)
        assert (*found, stored.last_reviewed_at) == expected(history)
        transaction.set_rollback(True)  # no rows remain for the next history


@pytest.mark.slow
@settings(deadline=None, suppress_health_check=CHECKS)
@given(history=histories())
def test_any_order_of_arrival_gives_the_state_of_the_package(
    student: Person, history: list[dict[str, Any]]
) -> None:
    check(student.user, history)


@settings(deadline=None, suppress_health_check=CHECKS, max_examples=5)
@given(history=histories())
def test_a_few_histories_give_the_state_of_the_package(
    student: Person, history: list[dict[str, Any]]
) -> None:
    check(student.user, history)
