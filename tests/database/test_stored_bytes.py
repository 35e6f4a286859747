"""The bytes that users store: after any change, what the triggers have counted equals a count of the rows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.db.models import F

from accounts.models import Card, Gig, Message, StoredBytes, User, VoiceConversation
from accounts.models.local_settings import local_settings
from tests.fixtures.people import Person
from tests.fixtures.stored_bytes import RandomWriter, counted, kept
from tests.fixtures.threads import PATIENCE, result_of

STEPS = 1_000


@pytest.mark.slow
def test_1000_random_changes_leave_no_difference(make_teacher: Callable[..., Person]) -> None:
    writer = RandomWriter(7, make_teacher)
    for step in range(1, STEPS + 1):
        writer.step()
        if step % 10 == 0:
            assert kept() == counted(), (step, dict(writer.done))
    assert len(writer.done) == 20 and min(writer.done.values()) >= 3, dict(writer.done)
    people, rows = len(kept()), StoredBytes.objects.count()
    print(f"\n{STEPS:,} changes: 0 bytes of difference.")
    print(f"{sum(kept().values()):,} bytes of {people} people in {rows} rows.")
    print({name.removeprefix("do_"): times for name, times in sorted(writer.done.items())})


def test_statements_that_change_rows_of_several_people_count_for_each(
    student: Person, stranger: Person
) -> None:
    for person in (student, stranger):
        for number in range(3):
            person.save_conversation(topic=f"Topic {number}")
            person.make_card(back=f"back {number}")
    VoiceConversation.objects.update(topic="A longer topic than before")
    Card.objects.update(note="")
    assert kept() == counted() != {}
    VoiceConversation.objects.filter(user=student.user).update(user=stranger.user)
    assert kept() == counted()
    VoiceConversation.objects.all().delete()
    Card.objects.all().delete()
    assert kept() == counted() == {}


def test_a_change_of_other_columns_stores_nothing(student: Person, teacher: Person) -> None:
    student.save_conversation()
    student.make_card()
    teacher.offer()
    student.write(student.open_chat(teacher))
    before = list(StoredBytes.objects.order_by("pk").values_list())
    VoiceConversation.objects.update(feedback_status="queued", topic=F("topic"))
    Card.objects.update(suspended_at=F("created_at"))
    Gig.objects.update(session_minutes=30)
    Message.objects.update(content="Aloh")
    assert list(StoredBytes.objects.order_by("pk").values_list()) == before


def test_the_rows_of_a_user_are_summed_up(student: Person) -> None:
    for _ in range(3):
        write_and_sum_up(student.user)
    assert StoredBytes.objects.filter(user=student.user).count() < 1_000
    assert kept() == counted() == {student.user.pk: 3 * 202}


def test_a_recount_counts_the_rows(student: Person, stranger: Person) -> None:
    student.save_conversation()
    stranger.make_card()
    StoredBytes.objects.update(bytes=F("bytes") + 1)
    recount([student.user, stranger.user])
    assert kept() == counted() != {}


def recount(users: list[User]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select private.recount_stored_bytes(%s::uuid[])", [[str(user.pk) for user in users]])


def write_and_sum_up(user: User) -> None:
    """Stores a card, and so many differences of 0 bytes that a trigger certainly sums the rows up."""
    at = user.created_at
    with transaction.atomic():
        Card.objects.create(learner=user, front="a", back="b", due_at=at, created_at=at)
        StoredBytes.objects.bulk_create([StoredBytes(user=user, bytes=0) for _ in range(1_000)])


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_auth")
def test_no_writer_waits_for_another(student: Person) -> None:
    write_and_sum_up(student.user)

    def write_without_waiting() -> None:
        try:
            with local_settings(lock_timeout="'2s'"):
                write_and_sum_up(student.user)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        write_and_sum_up(student.user)
        pool.submit(write_without_waiting).result(PATIENCE)
    assert kept() == counted() == {student.user.pk: 3 * 202}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_auth")
def test_a_recount_waits_for_sums_that_are_not_committed(student: Person) -> None:
    write_and_sum_up(student.user)
    result_of(lambda: recount([student.user]), during=lambda: write_and_sum_up(student.user))
    assert kept() == counted() == {student.user.pk: 2 * 202}
