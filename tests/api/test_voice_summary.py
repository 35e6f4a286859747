"""The summary of conversations with known totals."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from accounts.models import User, VoiceConversation
from accounts.models.histories import History
from accounts.services.summary import Streaks, streaks_of
from tests.fixtures.people import VOICE, Person

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)  # clocks go forward in Europe on this day


def save(person: Person, at: datetime, **changes: Any) -> None:
    made = person.save_conversation(**changes)
    VoiceConversation.objects.filter(pk=made["id"]).update(created_at=at)


def summary(person: Person, **query: str) -> dict[str, Any]:
    return dict(person.client.get(f"{VOICE}summary/", query).json())


def test_empty_history_has_every_key(student: Person) -> None:
    answer = summary(student)
    types = answer.pop("available_conversation_types")
    assert [entry["value"] for entry in types] == VoiceConversation.Type.values
    assert types[0] == {"value": "practice", "label": "Language Practice"}
    assert answer == {
        "total_conversations": 0,
        "total_duration_minutes": 0,
        "average_duration_minutes": 0,
        "conversations_by_language": {},
        "languages": [],
        "conversations_by_type": {},
        "recent_conversations_last_7_days": 0,
        "average_scores": {"grammar_score": None, "pronunciation_score": None},
        "current_streak_days": 0,
        "longest_streak_days": 0,
        "top_areas_for_improvement": [],
        "suggested_next_topics": [],
        "first_conversation_at": None,
        "last_conversation_at": None,
    }


def test_totals_are_those_of_the_callers_conversations(student: Person, stranger: Person) -> None:
    now = datetime.now(UTC)
    feedback = {"grammar_score": 90, "pronunciation_score": None, "suggested_next_topics": ["B", "a"]}
    save(student, now - timedelta(days=8), duration_minutes=None, target_language="español")
    save(student, now - timedelta(days=1), duration_minutes=5, ai_feedback=feedback)
    save(
        student,
        now,
        target_language="Japanese",
        conversation_type="grammar",
        ai_feedback={"areas_for_improvement": ["Verbs", "subjunctive"], "suggested_next_topics": ["b"]},
    )
    stranger.save_conversation()
    answer = summary(student)
    assert answer["total_conversations"] == 3
    assert (answer["total_duration_minutes"], answer["average_duration_minutes"]) == (17, 8.5)
    assert answer["conversations_by_language"] == {"Spanish": 2, "Japanese": 1}
    assert answer["languages"] == [
        {"code": "es", "label": "Spanish", "count": 2},
        {"code": "ja", "label": "Japanese", "count": 1},
    ]
    assert answer["conversations_by_type"] == {"grammar": 1, "practice": 2}
    assert answer["recent_conversations_last_7_days"] == 2
    assert answer["average_scores"] == {"grammar_score": 85.0, "pronunciation_score": None}
    assert (answer["current_streak_days"], answer["longest_streak_days"]) == (2, 2)
    assert answer["top_areas_for_improvement"] == [
        {"area": "subjunctive", "count": 2},
        {"area": "Verbs", "count": 1},
    ]
    assert answer["suggested_next_topics"] == ["b", "a"]
    assert answer["first_conversation_at"] < answer["last_conversation_at"]


def test_filters_apply_to_the_summary(student: Person) -> None:
    now = datetime.now(UTC)
    save(student, now - timedelta(days=40))
    save(student, now)
    save(student, now, target_language="Japanese")
    assert summary(student, language="spanisch")["total_conversations"] == 2
    assert summary(student, since=str((now - timedelta(days=2)).date()))["total_conversations"] == 2
    assert summary(student, until=str((now - timedelta(days=2)).date()))["total_conversations"] == 1
    assert student.client.get(f"{VOICE}summary/", {"since": "x"}).status_code == 400


def test_advice_comes_from_the_newest_100_conversations(student: Person) -> None:
    now = datetime.now(UTC)
    save(student, now - timedelta(days=9), ai_feedback={"areas_for_improvement": ["old"]})
    VoiceConversation.objects.bulk_create(
        VoiceConversation(
            user=student.user,
            topic="t",
            transcription="x",
            target_language="es",
            target_language_code="es",
            ai_feedback={"areas_for_improvement": ["new"]},
        )
        for _ in range(100)
    )
    assert summary(student)["top_areas_for_improvement"] == [{"area": "new", "count": 100}]


def test_the_first_20_texts_of_each_conversation_count(student: Person) -> None:
    texts = [f"text {number}" for number in range(20)]
    feedback = {"areas_for_improvement": [*texts, "x"], "suggested_next_topics": [*(20 * [" "]), "x"]}
    student.save_conversation(ai_feedback=feedback)
    answer = summary(student)
    assert answer["suggested_next_topics"] == []
    student.save_conversation(ai_feedback={"areas_for_improvement": ["x", texts[-1]]})
    areas = summary(student)["top_areas_for_improvement"]
    assert areas[:2] == [{"area": texts[-1], "count": 2}, {"area": "x", "count": 1}]


def test_texts_that_the_summary_does_not_count_stay_in_postgresql(student: Person) -> None:
    areas = [f"{number:x}" for number in range(4_000)]
    for _ in range(3):
        student.save_conversation(ai_feedback={"areas_for_improvement": areas})
    now = datetime.now(UTC)
    for rows in (None, VoiceConversation.objects.for_user(student.user)):
        found = History(student.user, rows).totals(zone=ZoneInfo("UTC"), recent=now, at=now).feedback
        assert found == 3 * [[areas[:20], []]]


SPELLINGS = ["Spanish", "español", "Spanish", "French", "español", "français", "es", "Japanese"]


@pytest.mark.parametrize(
    ("names", "languages"),
    [
        (SPELLINGS[:1], [("es", "Spanish", 1)]),
        (SPELLINGS[:3], [("es", "Spanish", 3)]),
        (SPELLINGS[:5], [("es", "español", 4), ("fr", "French", 1)]),  # the last used of two
        (SPELLINGS, [("es", "español", 5), ("fr", "français", 2), ("ja", "Japanese", 1)]),
        (
            ["Spanish", "French", "German", "French"],
            [("fr", "French", 2), ("de", "German", 1), ("es", "Spanish", 1)],
        ),
    ],
)
@pytest.mark.parametrize("query", [{}, {"since": "2000-01-01"}])
def test_a_language_has_its_most_frequent_or_last_used_spelling(
    student: Person, names: list[str], languages: list[tuple[str, str, int]], query: dict[str, str]
) -> None:
    for name in names:
        student.save_conversation(target_language=name)
    found = summary(student, **query)["languages"]
    assert [(each["code"], each["label"], each["count"]) for each in found] == languages


INSERT = """
insert into accounts_voiceconversation (user_id, topic, transcription, native_language,
  native_language_code, target_language, target_language_code, conversation_type, ai_feedback,
  feedback_status, feedback_error, creation_digest, search_text, created_at, updated_at)
select %s, 'Topic', '"x"', 'English', 'en', 'L' || name, 'l' || name, 'practice', '{}',
  'none', '', '', '', now() + number * interval '1 second', now()
from unnest(%s::int[]) with ordinality names (name, number)"""


@pytest.mark.parametrize("query", [{}, {"since": "2000-01-01"}])
def test_the_200_most_frequent_languages_are_listed(student: Person, query: dict[str, str]) -> None:
    names = [*(2 * [0]), *range(1, 240), 5]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [str(student.user.pk), names])
    found = summary(student, **query)
    # "0" and "5" have two conversations each; of the others, the last used.
    expected = ["l5", "l0", *(f"l{name}" for name in range(239, 41, -1))]
    assert [each["code"] for each in found["languages"]] == expected
    assert list(found["conversations_by_language"]) == [code.upper() for code in expected]
    assert found["total_conversations"] == found["conversations_by_type"]["practice"] == len(names)


@pytest.mark.parametrize(
    ("days_ago", "current", "longest"),
    [
        ([], 0, 0),
        ([0], 1, 1),
        ([1], 1, 1),
        ([2], 0, 1),
        ([0, 1, 2, 4, 5], 3, 3),
        ([0, 2, 3, 4, 5], 1, 4),
        ([1, 2, 3], 3, 3),
    ],
)
def test_streaks_are_runs_of_consecutive_days(days_ago: list[int], current: int, longest: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    days: set[date] = {(NOON - timedelta(days=ago)).date() for ago in days_ago}
    assert streaks_of(days, NOON, zone) == Streaks(current, longest)


def test_unknown_time_zone_counts_as_utc(student: Person) -> None:
    User.objects.filter(pk=student.user.pk).update(timezone="Gone/Zone")
    save(student, datetime(2026, 3, 1, 23, 59, tzinfo=UTC))
    assert summary(student)["longest_streak_days"] == 1
    for query, count in (({"until": "2026-03-01"}, 1), ({"since": "2026-03-02"}, 0)):
        assert summary(student, **query)["total_conversations"] == count
        assert len(student.client.get(VOICE, query).json()) == count


@pytest.mark.parametrize(
    ("zone", "longest"), [("Pacific/Kiritimati", 1), ("UTC", 2), ("Pacific/Honolulu", 1)]
)
def test_days_are_those_of_the_users_time_zone(student: Person, zone: str, longest: int) -> None:
    User.objects.filter(pk=student.user.pk).update(timezone=zone)
    for at in (datetime(2026, 3, 1, 20, tzinfo=UTC), datetime(2026, 3, 2, 3, tzinfo=UTC)):
        save(student, at)
    assert summary(student)["longest_streak_days"] == longest
