"""Summary and progress of any history equal what a plain count of it says.

The count is written from the API's description alone and shares nothing with the code under test:
it walks over every row for every figure.
"""

import json
import math
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.filters.voice_conversations import PeriodFilters
from accounts.models import User, VoiceConversation, voice_conversation_querysets
from accounts.services import progress, summary
from accounts.services.progress import Interval
from tests.conftest import Person

ZONES = [
    *("Pacific/Kiritimati", "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/Berlin", "UTC"),
    *("America/New_York", "Pacific/Honolulu"),
]
LATEST = 3  # of so many conversations is the advice here, for histories are short
CODES = {"Spanish": "es", "español": "es", "ES-mx": "es", "Japanese": "ja", "日本語": "ja"}
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

# Midnights, changes of the clocks and, between them, days without either.
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
    """An instant some days from ``moment``: near to it in the day, or near a midnight of the zone."""
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
    """A learner's rows, the present, and what is asked."""
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
    bound = st.none() | at | at.map(lambda instant: instant.date())
    return SimpleNamespace(
        zone=zone,
        at=draw(at),
        rows=draw(st.lists(row, max_size=7)),
        language=draw(st.sampled_from([None, None, *CODES])),
        since=draw(bound),
        until=draw(bound),
        interval=draw(st.sampled_from(["day", "week", "month"])),
    )


# --------------------------------------------------------------------------------------- oracle


def day(instant: datetime, zone: ZoneInfo) -> date:
    local = datetime.fromtimestamp(instant.timestamp(), zone)
    return date(local.year, local.month, local.day)


def matching(history: SimpleNamespace) -> list[dict[str, Any]]:
    """The rows that the filters keep, newest first; of two of one instant the later inserted first."""
    kept = []
    for number, row in enumerate(history.rows):
        instant = row["created_at"]
        if history.language and CODES[row["language"]] != CODES[history.language]:
            continue
        if isinstance(history.since, datetime) and instant < history.since:
            continue
        if isinstance(history.until, datetime) and instant > history.until:
            continue
        if type(history.since) is date and day(instant, history.zone) < history.since:
            continue
        if type(history.until) is date and day(instant, history.zone) > history.until:
            continue
        kept.append((instant, number, row))
    return [row for *_, row in sorted(kept, key=lambda entry: entry[:2], reverse=True)]


def average(rows: list[dict[str, Any]], score: str) -> float | None:
    values = [row["feedback"].get(score) for row in rows]
    values = [value for value in values if type(value) in (int, float) and 0 <= value <= 100]
    return round(math.fsum(values) / len(values), 2) if values else None


def averages(rows: list[dict[str, Any]]) -> dict[str, float | None]:
    return {score: average(rows, score) for score in ("grammar_score", "pronunciation_score")}


def expected_streaks(days: set[date], today: date) -> tuple[int, int]:
    """The current and the longest run of days; a day in the future counts as today."""
    days = {today if day > today else day for day in days}
    lengths = {}
    for end in days:
        length = 1
        while end - timedelta(days=length) in days:
            length += 1
        lengths[end] = length
    current = lengths.get(today) or lengths.get(today - timedelta(days=1)) or 0
    return current, max(lengths.values(), default=0)


def expected_languages(rows: list[dict[str, Any]]) -> dict[str, int]:
    """By language, under its most frequent spelling; of several the one used last."""
    counted = {}
    for code in {CODES[row["language"]] for row in rows}:
        spellings = [row["language"] for row in rows if CODES[row["language"]] == code]
        label = max(spellings, key=lambda text: (spellings.count(text), -spellings.index(text)))
        counted[label] = len(spellings)
    return counted


def expected_advice(rows: list[dict[str, Any]]) -> dict[str, Any]:
    areas = [
        text.strip() for row in rows[:LATEST] for text in row["feedback"].get("areas_for_improvement", [])
    ]
    topics = [
        text.strip() for row in rows[:LATEST] for text in row["feedback"].get("suggested_next_topics", [])
    ]
    lowered = [area.lower() for area in areas if area]
    unique = [area for place, area in enumerate(lowered) if area not in lowered[:place]]
    unique.sort(key=lambda area: (-lowered.count(area), lowered.index(area)))
    written = [area for area in areas if area]
    return {
        "top_areas_for_improvement": [
            {"area": written[lowered.index(area)], "count": lowered.count(area)} for area in unique[:5]
        ],
        "suggested_next_topics": [
            topic
            for place, topic in enumerate(topics)
            if topic and topic.lower() not in [earlier.lower() for earlier in topics[:place]]
        ][:10],
    }


def expected_summary(history: SimpleNamespace) -> dict[str, Any]:
    rows = matching(history)
    minutes = [row["minutes"] for row in rows if row["minutes"] is not None]
    days = {day(row["created_at"], history.zone) for row in rows}
    current, longest = expected_streaks(days, day(history.at, history.zone))
    week_ago = history.at - timedelta(days=7)
    return {
        "total_conversations": len(rows),
        "total_duration_minutes": sum(minutes),
        "average_duration_minutes": round(sum(minutes) / len(minutes), 2) if minutes else 0,
        "conversations_by_language": expected_languages(rows),
        "conversations_by_type": {
            kind: sum(row["type"] == kind for row in rows) for kind in {row["type"] for row in rows}
        },
        "recent_conversations_last_7_days": sum(row["created_at"] >= week_ago for row in rows),
        "average_scores": averages(rows),
        "current_streak_days": current,
        "longest_streak_days": longest,
        **expected_advice(rows),
        "first_conversation_at": rows[-1]["created_at"] if rows else None,
        "last_conversation_at": rows[0]["created_at"] if rows else None,
    }


def belongs_to(a_day: date, interval: str) -> date:
    """The first day of a day's period."""
    while (interval == "week" and a_day.isoweekday() != 1) or (interval == "month" and a_day.day != 1):
        a_day -= timedelta(days=1)
    return a_day


def expected_series(history: SimpleNamespace, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Walks day by day from the first to the last, and begins a period where one begins."""
    practised = [day(row["created_at"], history.zone) for row in rows]
    since, until = (
        day(bound, history.zone) if isinstance(bound, datetime) else bound
        for bound in (history.since, history.until or history.at)
    )
    if since is None and not practised:
        return []
    first = since or min(practised)
    last = max([until, *practised])
    series = []
    for a_day in (first + timedelta(days=count) for count in range((last - first).days + 1)):
        period = belongs_to(a_day, history.interval)
        if not series or series[-1]["period"] != period:
            inside = [
                row
                for row, practice in zip(rows, practised, strict=True)
                if belongs_to(practice, history.interval) == period
            ]
            series.append(
                {
                    "period": period,
                    "conversations": len(inside),
                    "minutes": sum(row["minutes"] or 0 for row in inside),
                    "average_scores": averages(inside),
                }
            )
    return series


def expected_progress(history: SimpleNamespace) -> dict[str, Any]:
    rows = matching(history)
    ages = [history.at - row["created_at"] for row in rows]
    month = timedelta(hours=30 * 24)
    last = averages([row for row, age in zip(rows, ages, strict=True) if age <= month])
    before = averages([row for row, age in zip(rows, ages, strict=True) if month < age <= 2 * month])
    return {
        "interval": history.interval,
        "timezone": history.zone.key,
        "series": expected_series(history, rows),
        "trend": {
            score: {
                "last_30_days": last[score],
                "previous_30_days": before[score],
                "change": None
                if None in (last[score], before[score])
                else round(last[score] - before[score], 2),
            }
            for score in last
        },
    }


# ----------------------------------------------------------------------------------------- test


def store(user: User, history: SimpleNamespace) -> None:
    """All rows in one statement, in their order."""
    rows = [
        {**row, "code": CODES[row["language"]], "created_at": row["created_at"].isoformat()}
        for row in history.rows
    ]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [user.pk, json.dumps(rows)])


def narrowed(user: User, history: SimpleNamespace) -> Any:
    """The user's conversations through the API's own filters."""
    asked = {name: getattr(history, name) for name in ("language", "since", "until")}
    query = {
        name: getattr(value, "isoformat", lambda text=value: text)() for name, value in asked.items() if value
    }
    filters = PeriodFilters(
        query, VoiceConversation.objects.for_user(user), request=SimpleNamespace(user=user)
    )
    assert filters.is_valid(), filters.errors
    return filters.qs


@pytest.fixture
def learner(student: Person, monkeypatch: pytest.MonkeyPatch) -> User:
    """Somebody with a short memory for advice."""
    monkeypatch.setattr(voice_conversation_querysets, "LATEST_FEEDBACK", LATEST)
    return student.user


@settings(
    max_examples=1_000,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],  # a history is short enough; to shrink it takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories())
def test_summary_and_progress_are_what_a_plain_count_says(learner: User, history: SimpleNamespace) -> None:
    learner.timezone = history.zone.key
    with transaction.atomic():
        store(learner, history)
        summed = summary.summarise(
            conversations=narrowed(learner, history), timezone=learner.timezone, at=history.at
        )
        followed = progress.follow(
            conversations=narrowed(learner, history),
            interval=Interval(history.interval),
            timezone=learner.timezone,
            since=history.since,
            until=history.until,
            at=history.at,
        )
        transaction.set_rollback(True)  # the next history finds no rows
    assert len(summed.pop("available_conversation_types")) == 7
    assert summed == expected_summary(history)
    assert followed == expected_progress(history)
