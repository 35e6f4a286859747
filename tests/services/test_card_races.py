"""Parallel requests for cards: a repeated client_id counts once, and no review is lost."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import fsrs
import pytest
from django.db import connection, transaction

from accounts.models import Card, CardReview
from tests.fixtures.people import CARD, CARDS, Person, client_of
from tests.fixtures.shared import COMMENT, Shared
from tests.fixtures.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]
THREADS = 8


def state_after(reviews: list[datetime]) -> tuple[float | None, datetime]:
    """The stability and the due time of a card with these good reviews, by the package alone."""
    found, scheduler = fsrs.Card(card_id=1), fsrs.Scheduler(enable_fuzzing=False)
    for at in reviews:
        found, _ = scheduler.review_card(found, fsrs.Rating.Good, at)
    return found.stability, found.due


def stored_state() -> tuple[float | None, datetime]:
    card = Card.objects.get()
    return card.stability, card.due_at


def test_eight_parallel_reviews_with_one_client_id_are_one_review(student: Person) -> None:
    card = student.make_card()
    body = {"rating": "good", "client_id": str(uuid.uuid4())}
    answers = at_once(THREADS, lambda _: client_of(student.token).post(f"{CARDS}{card['id']}/review/", body))
    assert sorted(answer.status_code for answer in answers) == [200] * (THREADS - 1) + [201]
    assert len({answer.content for answer in answers}) == 1
    assert stored_state() == state_after([CardReview.objects.get().reviewed_at])


def test_eight_parallel_reviews_are_all_counted(student: Person) -> None:
    card, now = student.make_card(), datetime.now(UTC)
    Card.objects.update(created_at=now - timedelta(days=99))
    instants = [now - timedelta(days=10 * number) for number in range(THREADS)]

    def review(number: int) -> int:
        body = {"rating": "good", "client_id": str(uuid.uuid4()), "reviewed_at": instants[number].isoformat()}
        return int(client_of(student.token).post(f"{CARDS}{card['id']}/review/", body).status_code)

    assert at_once(THREADS, review) == [201] * THREADS
    assert stored_state() == state_after(sorted(instants))


def test_eight_parallel_cards_with_one_client_id_are_one_card(student: Person) -> None:
    body = {**CARD, "client_id": str(uuid.uuid4())}
    answers = at_once(THREADS, lambda _: client_of(student.token).post(CARDS, body))
    assert sorted(answer.status_code for answer in answers) == [200] * (THREADS - 1) + [201]
    assert len({answer.content for answer in answers}) == 1
    assert Card.objects.count() == 1


def test_a_correction_waits_for_no_card_of_another_language(shared: Shared) -> None:
    other = shared.learner.make_card(back=COMMENT["corrected"], language="German")
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Card.objects.locked(pk=other["id"])  # as an edit does, which may wait for the correction's card
        made = pool.submit(posted, shared).result(timeout=10)
    assert made == 201


def posted(shared: Shared) -> int:
    """The status of a correction, posted with a database connection of its own."""
    try:
        return int(shared.post(**COMMENT).status_code)
    finally:
        connection.close()


def test_cards_are_deleted_while_they_are_reviewed(student: Person) -> None:
    cards = [student.make_card() for _ in range(10)]

    def act(number: int) -> list[int]:
        client, found = client_of(student.token), []
        for card in cards:
            path = f"{CARDS}{card['id']}/"
            body = {"rating": "good", "client_id": str(uuid.uuid4())}
            response = client.delete(path) if number == 0 else client.post(f"{path}review/", body)
            found.append(response.status_code)
        return found

    statuses = {status for found in at_once(3, act) for status in found}
    assert statuses <= {201, 204, 404}
    assert not Card.objects.exists() and not CardReview.objects.exists()
