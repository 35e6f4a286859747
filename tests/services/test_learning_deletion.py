"""Deletion of an account: its corrections, cards, comments and shares, and those for other learners."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.integrations import access_tokens
from accounts.models import Card, CardReview, CardSource, Comment, Correction, Share, User, VoiceConversation
from accounts.services import corrections, deletions
from tests.fixtures.learning import TABLES, fill_learning, rows_of
from tests.fixtures.people import Person
from tests.fixtures.threads import codes_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]

ME = "/accounts/users/me/"
CORRECTIONS = {"corrections": [{"quote": "Una mesa", "corrected": "Una mesita", "explanation": "Because."}]}


def delete(person: Person) -> int:
    return int(person.client.delete(ME, {"confirm": person.user.email}).status_code)


def texts() -> list[Any]:
    """The texts of all corrections, comments and cards."""
    return [
        *Correction.objects.values_list("quote", "corrected", "explanation").order_by("id"),
        *Comment.objects.values_list("quote", "corrected", "text").order_by("id"),
        *Card.objects.values_list("front", "back", "note").order_by("id"),
    ]


def test_nothing_of_a_deleted_learner_remains(student: Person, teacher: Person) -> None:
    fill_learning(student, teacher)
    assert all(model._default_manager.exists() for model in TABLES)
    assert delete(student) == 204
    assert [model.__name__ for model in TABLES if model._default_manager.exists()] == []


def test_rows_of_other_learners_remain(student: Person, stranger: Person, teacher: Person) -> None:
    fill_learning(stranger, teacher)
    before, stored = rows_of(stranger.user), texts()
    fill_learning(student, teacher)
    assert delete(student) == 204
    assert (rows_of(stranger.user), texts()) == (before, stored)
    assert rows_of(student.user) == {}


def test_texts_of_a_deleted_teacher_stay_with_the_learner_without_an_author(
    student: Person, teacher: Person
) -> None:
    fill_learning(student, teacher)
    stored, reviews = texts(), CardReview.objects.count()
    assert reviews == CardSource.objects.count() == 3
    assert delete(teacher) == 204
    assert texts() == stored
    assert rows_of(teacher.user) == {}
    assert set(Correction.objects.values_list("author", flat=True)) == {None}
    assert Comment.objects.get().author is None
    assert (CardReview.objects.count(), CardSource.objects.count()) == (reviews, 3)
    assert not Share.objects.exists()


def test_settings_of_cards_are_those_of_a_new_account(make_person: Callable[..., Person]) -> None:
    person = make_person("Lea", auto_cards=False, desired_retention=0.8, reviews_per_day=7)
    assert delete(person) == 204
    tombstone = User.objects.get(pk=person.user.pk)
    found = tombstone.auto_cards, tombstone.desired_retention, tombstone.reviews_per_day
    assert found == (True, 0.9, 100)


@pytest.mark.slow
def test_deletion_has_a_fixed_number_of_queries(
    student: Person, stranger: Person, teacher: Person, django_assert_num_queries: Any
) -> None:
    fill_learning(stranger, teacher)
    with CaptureQueriesContext(connection) as counted:
        assert delete(stranger) == 204
    queries = len(counted)
    for _ in range(5):
        fill_learning_again(student, teacher)
    with django_assert_num_queries(queries):
        assert delete(student) == 204


def fill_learning_again(learner: Person, helper: Person) -> None:
    """More rows of the learner; a conversation has one active share, and a teacher declines once."""
    for model in TABLES[-2:]:
        model._default_manager.filter(learner=learner.user).delete()
    fill_learning(learner, helper, secret=f"secret {Correction.objects.count()}")


def delete_in_service(person: Person) -> None:
    deletions.delete_user(
        user=person.user,
        claims=access_tokens.verify(person.token),
        confirm=person.user.email,
        at=timezone.now(),
    )


def test_deletion_waits_for_feedback_and_comments_that_are_being_stored_and_deletes_them(
    student: Person, teacher: Person
) -> None:
    saved = VoiceConversation.objects.with_user().get(pk=student.save_conversation()["id"])

    def store() -> None:
        row = VoiceConversation.objects.with_user().locked(pk=saved.pk)
        row.generated_feedback = CORRECTIONS
        corrections.replace_ai_corrections(conversation=row, at=timezone.now())
        Comment.objects.create(conversation=row, author=teacher.user, text="secret")
        assert Card.objects.exists()

    assert codes_of(lambda: delete_in_service(student), during=store) == []
    assert rows_of(student.user) == {}
    assert not VoiceConversation.objects.exists()
    assert [model.__name__ for model in TABLES if model._default_manager.exists()] == []
