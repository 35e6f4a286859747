"""Corrections, cards, comments and shares in the export of one's data."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Card, Comment, Correction, DeclinedLearner, Share
from tests.fixtures.learning import QUOTE, fill_learning, review
from tests.fixtures.people import Person

EXPORT = "/accounts/users/me/export/"
OF_LEARNER = {"corrections", "cards", "comments", "shares"}
OF_TEACHER = {"written_corrections", "written_comments", "received_shares", "declined_learners"}


def export_of(person: Person) -> dict[str, Any]:
    found: dict[str, Any] = person.client.get(EXPORT).json()
    return {name: found[name] for name in OF_LEARNER | OF_TEACHER}


def filled(export: dict[str, Any]) -> set[str]:
    """The names of the lists that have rows."""
    return {name for name, rows in export.items() if rows}


def test_each_person_exports_their_own_rows(student: Person, teacher: Person, stranger: Person) -> None:
    fill_learning(student, teacher)
    found = [filled(export_of(person)) for person in (student, teacher, stranger)]
    assert found == [OF_LEARNER, OF_TEACHER, set()]


def test_a_learner_exports_corrections_with_their_places(student: Person, teacher: Person) -> None:
    fill_learning(student, teacher)
    of_ai, of_teacher, of_chat = export_of(student)["corrections"]
    stored = Correction.objects.oldest_first()
    assert [of_ai["id"], of_teacher["id"], of_chat["id"]] == [each.pk for each in stored]
    assert (of_ai["source"], of_ai["author"], of_ai["corrected"]) == ("ai", None, "secret of the AI")
    assert (of_ai["turn"], of_ai["chat"], of_ai["message_seq"]) == (0, None, None)
    assert (of_teacher["author"], of_teacher["quote"]) == (str(teacher.user.pk), QUOTE)
    message = stored[2].message
    assert message is not None
    assert (of_chat["conversation"], of_chat["turn"]) == (None, None)
    assert (of_chat["chat"], of_chat["message_seq"]) == (str(message.chat_id), message.seq)
    assert (of_chat["quote"], of_chat["explanation"]) == ("Yo soy bien", "secret why")


def test_a_learner_exports_cards_with_reviews_in_the_order_of_replay(
    student: Person, teacher: Person
) -> None:
    fill_learning(student, teacher)
    card = Card.objects.earliest("pk")
    second, first = review(card, rating=4), review(card, rating=1)
    type(first).objects.filter(pk=first.pk).update(reviewed_at=card.created_at)
    exported = export_of(student)["cards"]
    assert [each["id"] for each in exported] == [each.pk for each in Card.objects.order_by("pk")]
    own = exported[0]
    assert (own["back"], own["note"], own["state"]) == (card.back, card.note, "new")
    assert own["sources"] == list(card.corrections.values_list("pk", flat=True))
    assert [each["rating"] for each in own["reviews"]] == ["again", "good", "easy"]
    assert own["reviews"][2]["client_id"] == str(second.client_id)


def test_comments_and_shares_are_exported_by_both(student: Person, teacher: Person) -> None:
    fill_learning(student, teacher)
    comment, [declined] = Comment.objects.get(), DeclinedLearner.objects.all()
    hers, his = export_of(student), export_of(teacher)
    [received], [written] = hers["comments"], his["written_comments"]
    both = {"id", "conversation", "turn", "corrected", "text", "created_at", "edited_at"}
    assert set(written) == {*both, "client_id"}, "without the quote, which is of the learner"
    assert {name: received[name] for name in both} == {name: written[name] for name in both}
    assert (received["id"], received["text"]) == (comment.pk, "secret text")
    given, taken = hers["shares"], his["received_shares"]
    assert [each["teacher"] for each in given] == [str(teacher.user.pk)] * 2
    assert [each["learner"] for each in taken] == [str(student.user.pk)] * 2
    newest_first = Share.objects.newest_first().values_list("ended_at", flat=True)
    ended = [value is not None for value in newest_first]
    for rows in (given, taken):
        assert [each["ended_at"] is not None for each in rows] == ended
    assert [each["learner"] for each in his["declined_learners"]] == [str(declined.learner_id)]


def test_a_written_correction_is_exported_without_the_text_of_the_other_person(
    student: Person, teacher: Person
) -> None:
    fill_learning(student, teacher)
    rows = export_of(teacher)["written_corrections"]
    assert [row["corrected"] for row in rows] == ["secret comment", "secret of the chat"]
    assert all("quote" not in row for row in rows)


@pytest.mark.slow
def test_the_export_reads_many_rows_in_a_few_queries(
    student: Person, teacher: Person, make_person: Callable[..., Person], django_assert_num_queries: Any
) -> None:
    fill_learning(student, teacher)
    student.client.get(EXPORT)  # the first request of a process has one more query
    # Beyond 200 rows, two lists have one more query; and 50 cards have two queries, with their reviews.
    for copies, of_student, of_teacher in ((1, 16, 16), (200, 26, 18)):
        add_copies(student, teacher, copies)
        with django_assert_num_queries(of_student):
            found = export_of(student)
        for name, model in (("corrections", Correction), ("cards", Card), ("comments", Comment)):
            stored = model._default_manager.order_by("pk").values_list("pk", flat=True)
            assert [row["id"] for row in found[name]] == list(stored)
        assert len(found["corrections"]) > copies and len(found["cards"]) > copies
        assert len(found["comments"]) > copies and len(found["shares"]) > copies
        with django_assert_num_queries(of_teacher):
            found = export_of(teacher)
        assert len(found["written_corrections"]) > copies and len(found["received_shares"]) > copies


def add_copies(learner: Person, helper: Person, count: int) -> None:
    """Adds ``count`` copies of rows of the learner, each card with two reviews."""
    made = {Correction: Correction.objects.exclude(message=None)[0], Comment: Comment.objects.all()[0]}
    for model, row in made.items():
        row.pk, row.client_id = None, None
        model._default_manager.bulk_create([row] * count)
    card = Card.objects.all()[0]
    for _ in range(count):
        card.pk, card.dedupe_key = None, ""
        card.save(force_insert=True)
        review(card)
        review(card)
    share = Share.objects.exclude(ended_at=None)[0]
    share.pk = None
    Share.objects.bulk_create([share] * count)
