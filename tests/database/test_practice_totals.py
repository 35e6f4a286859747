"""The totals of conversations that triggers keep: after any change, they equal a count of the rows."""

import random
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from accounts.models import PracticeHour, PracticeKind, VoiceConversation
from accounts.models.histories import History
from accounts.models.voice_conversations import Interval
from accounts.rest.renderers import FastJSONRenderer
from accounts.serializers.progress import ProgressSerializer, SummarySerializer
from accounts.services import summary
from tests.fixtures.people import VOICE, Person

LANGUAGES = [("Spanish", "es"), ("español", "es"), ("Japanese", "ja")]
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
SCORES: list[Any] = [0, 80, 61.5, 80.1, 33.333333333333336, 1e-12, None, "80"]


def kept() -> list[Any]:
    """All totals."""
    hours = PracticeHour.objects.order_by("pk").values_list()
    kinds = PracticeKind.objects.order_by("pk").values_list()
    return [list(hours), list(kinds)]


def counted() -> list[Any]:
    """The totals after a recount of the rows, which is undone."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select private.recount_practice(array(select id from accounts_user))")
        found = kept()
        transaction.set_rollback(True)
    return found


def conversation(chance: random.Random, person: Person) -> VoiceConversation:
    """An unsaved conversation, within a few hours of others."""
    language, code = chance.choice(LANGUAGES)
    return VoiceConversation(
        user=person.user,
        topic="t",
        transcription="x",
        target_language=language,
        target_language_code=code,
        conversation_type=chance.choice(["practice", "grammar"]),
        duration_minutes=chance.choice([None, 0, 5, 60]),
        ai_feedback={"grammar_score": chance.choice(SCORES), "pronunciation_score": chance.choice(SCORES)},
        created_at=NOON + timedelta(minutes=chance.randrange(240)),
    )


def change(chance: random.Random, people: list[Person]) -> None:
    """Inserts, changes or deletes one row or several."""
    rows = VoiceConversation.objects.filter(pk__in=[row.pk for row in VoiceConversation.objects.all()[:3]])
    other = conversation(chance, chance.choice(people))
    match chance.randrange(5):
        case 0 | 1:
            news = [conversation(chance, chance.choice(people)) for _ in range(chance.randrange(1, 5))]
            VoiceConversation.objects.bulk_create(news)
        case 2:
            rows.update(
                created_at=other.created_at,
                ai_feedback=other.ai_feedback,
                target_language=other.target_language,
            )
        case 3:
            rows.update(user=other.user, duration_minutes=other.duration_minutes, conversation_type="grammar")
        case 4:
            rows.delete()


@pytest.mark.slow
def test_totals_equal_a_count_after_any_change(student: Person, stranger: Person) -> None:
    chance = random.Random(7)
    for step in range(60):
        change(chance, [student, stranger])
        assert kept() == counted(), step
    VoiceConversation.objects.all().delete()
    assert kept() == [[], []]


def test_sums_of_scores_are_exact(student: Person) -> None:
    for score in (33.333333333333336, 0.1):
        student.save_conversation(ai_feedback={"grammar_score": score})
    hours = PracticeHour.objects.values_list("grammar_sum", flat=True)
    assert sum(hours) == Decimal("33.433333333333336")


def test_a_change_of_other_columns_writes_no_totals(student: Person) -> None:
    student.save_conversation()
    versions = (
        "select xmin::text from accounts_practicehour union all select xmin::text from accounts_practicekind"
    )
    with connection.cursor() as cursor:
        cursor.execute(versions)
        before = cursor.fetchall()
        with transaction.atomic():  # its writes have another xmin
            VoiceConversation.objects.update(topic="other", feedback_status="queued")
        cursor.execute(versions)
        assert len(before) == 2 and cursor.fetchall() == before


def test_a_deleted_account_leaves_no_totals(student: Person) -> None:
    student.save_conversation()
    student.client.delete("/accounts/users/me/", {"confirm": student.user.email})
    assert kept() == [[], []]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_auth")
def test_parallel_conversations_add_up(student: Person) -> None:
    def save() -> None:
        for _ in range(5):
            VoiceConversation.objects.create(
                user=student.user, topic="t", transcription="x", target_language="es", duration_minutes=3
            )
        connection.close()

    threads = [threading.Thread(target=save) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(hour.conversations for hour in PracticeHour.objects.all()) == 20
    assert kept() == counted()


def test_reports_have_the_json_of_their_serializers(student: Person) -> None:
    student.save_conversation()
    for name, serializer in (("summary", SummarySerializer), ("progress", ProgressSerializer)):
        response: Any = student.client.get(f"{VOICE}{name}/")
        written = FastJSONRenderer().render(serializer(response.data).data)
        assert written == response.content, name


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Asia/Kathmandu", "Australia/Lord_Howe", "America/New_York"])
def test_totals_and_rows_give_the_same_figures(student: Person, name: str) -> None:
    # Every seven minutes of two days around a change of the clocks in Lord Howe, within an hour in UTC.
    begin = datetime(2026, 10, 2, 20, tzinfo=UTC)
    rows = [conversation(random.Random(number), student) for number in range(400)]
    for number, row in enumerate(rows):
        row.created_at = begin + number * timedelta(minutes=7)
    VoiceConversation.objects.bulk_create(rows)
    for number, row in enumerate(rows):
        row.created_at = begin + number * timedelta(minutes=7)
    VoiceConversation.objects.bulk_update(rows, ["created_at"])
    zone, at = ZoneInfo(name), begin + timedelta(days=2)
    own = VoiceConversation.objects.for_user(student.user)
    found = [
        (
            history.totals(zone=zone, recent=begin + timedelta(hours=5, minutes=20), at=at),
            [
                history.periods(
                    interval,
                    zone=zone,
                    earlier=begin + timedelta(minutes=95),
                    recent=begin + timedelta(hours=30.3),
                    at=at,
                )
                for interval in Interval
            ],
        )
        for history in (History(student.user), History(student.user, own))
    ]
    by_language = [summary.by_language(totals.languages) for totals, _ in found]
    assert by_language[0]["languages"] == by_language[1]["languages"] != []
    assert found[0][0]._replace(languages=[]) == found[1][0]._replace(languages=[])
    assert found[0][1] == found[1][1]
    assert len(found[0][0].days) == 3
