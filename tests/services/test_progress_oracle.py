"""Summary and progress of generated histories equal a plain count."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.filters.voice_conversations import PeriodFilters
from accounts.models import User, VoiceConversation
from accounts.models.histories import History
from accounts.models.voice_conversations import Interval
from accounts.services import progress, summary
from tests.fixtures.people import Person
from tests.services.progress_oracle import CODES, LATEST, expected_progress, expected_summary

ZONES = [
    *("Pacific/Kiritimati", "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/Berlin", "UTC"),
    *("America/New_York", "Pacific/Honolulu"),
]
TYPES = ["practice", "lesson", "conversation", "assessment", "pronunciation", "vocabulary", "grammar"]
INSERT = """
insert into accounts_voiceconversation (user_id, topic, transcription, native_language,
  native_language_code, target_language, target_language_code, conversation_type, duration_minutes,
  ai_feedback, feedback_status, feedback_error, creation_digest, search_text, created_at, updated_at)
select %s, 't', '"x"', 'English', 'en', language, code, type, minutes, feedback,
  'none', '', '', '', created_at, now()
from jsonb_to_recordset(%s) as r(
  language text, code text, type text, minutes int, feedback jsonb, created_at timestamptz)"""

# ------------------------------------------------------------------------------------ histories

# Clock changes, a midnight, and a day without either.
MOMENTS = [
    *(datetime(2026, 3, 29, 1), datetime(2026, 10, 25, 1)),  # Berlin
    *(datetime(2026, 3, 8, 7), datetime(2026, 11, 1, 6)),  # New York
    *(datetime(2026, 4, 4, 15), datetime(2026, 10, 3, 15, 30)),  # Lord Howe
    *(datetime(2025, 12, 31, 23), datetime(2026, 6, 15, 12)),
]
SECONDS = st.one_of(st.sampled_from([-3600, -1800, -1, 0, 1, 1800, 3600]), st.integers(-90_000, 90_000))
DAYS = st.one_of(st.integers(-3, 3), st.sampled_from([-61, -60, -31, -30, -8, -7]), st.integers(-70, 1))


@st.composite
def instants(draw: st.DrawFn, moment: datetime, zone: ZoneInfo) -> datetime:
    """An instant some days from ``moment``, near its time of day or near midnight in the zone."""
    near = moment + timedelta(days=draw(DAYS))
    if draw(st.booleans()):
        local = near.astimezone(zone)
        near = datetime(local.year, local.month, local.day, tzinfo=zone).astimezone(UTC)
    return near + timedelta(seconds=draw(SECONDS), microseconds=draw(st.sampled_from([0, 0, -1, 1])))


SCORES = st.none() | st.integers(0, 100) | st.floats(0, 100) | st.sampled_from([True, "80", 101, -1])
AREAS = st.lists(st.sampled_from(["Verbs", "verbs", "articles", " articles ", "", "tones"]), max_size=3)
TOPICS = st.lists(st.sampled_from([f"Topic {n}" for n in range(12)] + ["topic 1", " "]), max_size=5)
FEEDBACK = st.fixed_dictionaries(
    {},
    optional={
        "grammar_score": SCORES,
        "pronunciation_score": SCORES,
        "areas_for_improvement": AREAS,
        "suggested_next_topics": TOPICS,
    },
)


@st.composite
def histories(draw: st.DrawFn) -> SimpleNamespace:
    """A learner's rows, the present, and the query."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    moment = draw(st.sampled_from(MOMENTS)).replace(tzinfo=UTC)
    at = instants(moment, zone)
    row = st.fixed_dictionaries(
        {
            "language": st.sampled_from(sorted(CODES)),
            "type": st.sampled_from(TYPES),
            "minutes": st.none() | st.integers(0, 1440),
            "feedback": FEEDBACK,
            "created_at": at,
        }
    )
    is_filtered = draw(st.booleans())
    bound = st.none() | at | at.map(lambda instant: instant.date()) if is_filtered else st.none()
    return SimpleNamespace(
        zone=zone,
        at=draw(at),
        rows=draw(st.lists(row, max_size=7)),
        language=draw(st.sampled_from([None, None, *CODES] if is_filtered else [None])),
        since=draw(bound),
        until=draw(bound),
        interval=draw(st.sampled_from(["day", "week", "month"])),
    )


# ----------------------------------------------------------------------------------------- test


def store(user: User, history: SimpleNamespace) -> None:
    """Inserts all rows with one statement, in order."""
    rows = [
        {**row, "code": CODES[row["language"]], "created_at": row["created_at"].isoformat()}
        for row in history.rows
    ]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [user.pk, json.dumps(rows)])


def filtered(user: User, history: SimpleNamespace) -> Any:
    """The user's conversations, filtered by the API's own filters."""
    asked = {name: getattr(history, name) for name in ("language", "since", "until")}
    query = {
        name: getattr(value, "isoformat", lambda text=value: text)() for name, value in asked.items() if value
    }
    filters = PeriodFilters(
        query, VoiceConversation.objects.for_user(user), request=SimpleNamespace(user=user)
    )
    assert filters.is_valid(), filters.errors
    return filters.qs


def sources(user: User, history: SimpleNamespace) -> list[History]:
    """The filtered rows, and without a filter also the totals of the whole history."""
    is_filtered = history.language or history.since or history.until
    return [History(user, filtered(user, history)), *([] if is_filtered else [History(user)])]


@pytest.fixture
def learner(student: Person, monkeypatch: pytest.MonkeyPatch) -> User:
    """A learner; only the latest few areas for improvement count."""
    monkeypatch.setattr("accounts.models.histories.MAX_FEEDBACK_ROWS", LATEST)
    return student.user


@pytest.mark.slow
@settings(
    deadline=None,
    phases=[Phase.reuse, Phase.generate],  # without shrinking, which takes minutes; histories are short
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories())
def test_summary_and_progress_equal_those_of_the_oracle(learner: User, history: SimpleNamespace) -> None:
    learner.timezone = history.zone.key
    with transaction.atomic():
        store(learner, history)
        found = [
            (
                summary.summarise(history=source, timezone=learner.timezone, at=history.at),
                progress.report(
                    history=source,
                    interval=Interval(history.interval),
                    timezone=learner.timezone,
                    since=history.since,
                    until=history.until,
                    at=history.at,
                ),
            )
            for source in sources(learner, history)
        ]
        transaction.set_rollback(True)  # no rows remain for the next history
    for summed, reported in found:
        assert len(summed.pop("available_conversation_types")) == 7
        assert summed == expected_summary(history)
        assert reported == expected_progress(history)
