"""The progress report: its periods, time zone, trend and limits."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User, VoiceConversation
from accounts.models.voice_conversations import Interval
from accounts.services import progress
from tests.fixtures.people import VOICE, Person, client_of

PATH = f"{VOICE}progress/"
NO_SCORES = {"grammar_score": None, "pronunciation_score": None}
NO_TREND = {"last_30_days": None, "previous_30_days": None, "change": None}


def save(person: Person, at: datetime, **changes: Any) -> None:
    made = person.save_conversation(**changes)
    VoiceConversation.objects.filter(pk=made["id"]).update(created_at=at)


def report(person: Person, **query: str) -> dict[str, Any]:
    response = person.client.get(PATH, query)
    assert response.status_code == 200, response.content
    return dict(response.json())


def refusal(person: Person, **query: str) -> tuple[str, str]:
    """The invalid field and its error message."""
    response = person.client.get(PATH, query)
    assert (response.status_code, response.json()["code"]) == (400, "invalid"), response.content
    [(field, [sentence])] = response.json()["errors"].items()
    assert response.json()["detail"] == f"{field}: {sentence}"
    return field, sentence


def periods(answer: dict[str, Any]) -> list[str]:
    return [entry["period"] for entry in answer["series"]]


def counts(answer: dict[str, Any]) -> dict[str, int]:
    """The number of conversations of each period that has any."""
    found = {entry["period"]: entry["conversations"] for entry in answer["series"]}
    return {period: count for period, count in found.items() if count}


def zone(person: Person, name: str) -> None:
    User.objects.filter(pk=person.user.pk).update(timezone=name)


def test_empty_history_is_an_empty_series(student: Person, stranger: Person) -> None:
    stranger.save_conversation()
    assert report(student) == {
        "interval": "week",
        "timezone": "UTC",
        "series": [],
        "trend": {"grammar_score": NO_TREND, "pronunciation_score": NO_TREND},
    }
    assert report(student, until="2026-01-01", language="Spanish")["series"] == []


def test_report_has_the_callers_conversations_only(student: Person, stranger: Person) -> None:
    student.save_conversation()
    assert sum(counts(report(student)).values()) == 1
    assert report(stranger)["series"] == []


def test_report_requires_a_token(student: Person) -> None:
    assert student.client.get(PATH).status_code == 200
    refused = client_of().get(PATH)
    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")


def test_report_cannot_be_posted(student: Person) -> None:
    assert student.client.post(PATH, {}).status_code == 405


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ("day", ["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02"]),
        ("week", ["2026-01-26", "2026-02-02"]),
        ("", ["2026-01-26", "2026-02-02"]),
        ("month", ["2026-01-01", "2026-02-01"]),
    ],
)
def test_series_has_every_period(student: Person, interval: str, expected: list[str]) -> None:
    feedback = {"grammar_score": 71, "pronunciation_score": None}
    save(student, datetime(2026, 1, 30, 9, tzinfo=UTC), duration_minutes=5, ai_feedback=feedback)
    save(student, datetime(2026, 1, 30, 23, tzinfo=UTC), duration_minutes=None, ai_feedback={})
    save(student, datetime(2026, 2, 2, tzinfo=UTC), duration_minutes=7, ai_feedback={"grammar_score": 80.25})
    answer = report(student, interval=interval, until="2026-02-02")
    assert answer["interval"] == (interval or "week")
    assert periods(answer) == expected
    first, last = answer["series"][0], answer["series"][-1]
    scores = {"grammar_score": 71.0, "pronunciation_score": None}
    assert first == {"period": expected[0], "conversations": 2, "minutes": 5, "average_scores": scores}
    assert (last["conversations"], last["minutes"]) == (1, 7)
    assert last["average_scores"] == {"grammar_score": 80.25, "pronunciation_score": None}
    for between in answer["series"][1:-1]:
        assert between | {"period": ""} == {
            "period": "",
            "conversations": 0,
            "minutes": 0,
            "average_scores": NO_SCORES,
        }


def test_series_ends_at_the_present(student: Person) -> None:
    now = datetime.now(UTC)
    save(student, now - timedelta(days=3))
    answer = report(student, interval="day")
    assert len(answer["series"]) in (4, 5)  # 5 if midnight passed during the test
    assert date.fromisoformat(periods(answer)[-1]) >= now.date()
    assert counts(answer) == {str((now - timedelta(days=3)).date()): 1}


def test_since_and_until_bound_the_series(student: Person) -> None:
    save(student, datetime(2026, 1, 10, 12, tzinfo=UTC))
    save(student, datetime(2026, 1, 20, 12, tzinfo=UTC))
    answer = report(student, interval="day", since="2026-01-08", until="2026-01-12")
    assert periods(answer) == [f"2026-01-{day:02}" for day in range(8, 13)]
    assert counts(answer) == {"2026-01-10": 1}
    quiet = report(student, interval="day", since="2026-01-11", until="2026-01-12T00:00:00Z")
    assert counts(quiet) == {} and periods(quiet) == ["2026-01-11", "2026-01-12"]
    assert report(student, since="2026-01-12", until="2026-01-01")["series"] == []
    assert report(student, interval="week", since="2026-01-08", until="2026-01-06")["series"] == []
    assert report(student, since="2999-01-01")["series"] == []


def test_language_filters_series_and_trend(student: Person) -> None:
    student.save_conversation(ai_feedback={"grammar_score": 60})
    student.save_conversation(target_language="Japanese", ai_feedback={"grammar_score": 90})
    answer = report(student, language="japonais")
    assert sum(counts(answer).values()) == 1
    assert answer["trend"]["grammar_score"]["last_30_days"] == 90
    assert report(student)["trend"]["grammar_score"]["last_30_days"] == 75


def test_trend_compares_thirty_days_with_the_thirty_before(student: Person) -> None:
    now = datetime.now(UTC)
    minute = timedelta(minutes=1)
    for ago, grammar, pronunciation in (
        (timedelta(minutes=-5), 90, 50),  # in the future
        (timedelta(days=30) - minute, 81, 50),
        (timedelta(days=30) + minute, 70.333, None),
        (timedelta(days=60) - minute, 70, None),
        (timedelta(days=60) + minute, 1, 1),
    ):
        scores = {"grammar_score": grammar, "pronunciation_score": pronunciation}
        save(student, now - ago, ai_feedback=scores)
    assert report(student)["trend"] == {
        "grammar_score": {"last_30_days": 85.5, "previous_30_days": 70.17, "change": 15.33},
        "pronunciation_score": {"last_30_days": 50.0, "previous_30_days": None, "change": None},
    }


def test_conversation_in_the_future_is_counted(student: Person) -> None:
    ahead = datetime.now(UTC) + timedelta(days=2)
    save(student, ahead)
    answer = report(student, interval="day")
    assert counts(answer) == {str(ahead.date()): 1}
    assert periods(answer)[-1] == str(ahead.date())


@pytest.mark.parametrize(
    ("name", "midnight", "expected"),
    [
        ("Europe/Berlin", "2026-03-28T23:00:00Z", ["2026-03-28", "2026-03-29"]),
        ("Europe/Berlin", "2026-03-29T22:00:00Z", ["2026-03-29", "2026-03-30"]),
        ("Europe/Berlin", "2026-10-25T23:00:00Z", ["2026-10-25", "2026-10-26"]),
        ("Australia/Lord_Howe", "2026-04-04T13:00:00Z", ["2026-04-04", "2026-04-05"]),
        ("Australia/Lord_Howe", "2026-04-05T13:30:00Z", ["2026-04-05", "2026-04-06"]),
        ("Pacific/Kiritimati", "2026-01-01T10:00:00Z", ["2026-01-01", "2026-01-02"]),
        ("Pacific/Honolulu", "2026-01-01T10:00:00Z", ["2025-12-31", "2026-01-01"]),
        # Apia skipped 30 December 2011 and Kwajalein 21 August 1993. The report has them, empty.
        ("Pacific/Apia", "2011-12-30T10:00:00Z", ["2011-12-29", "2011-12-30", "2011-12-31"]),
        ("Pacific/Kwajalein", "1993-08-21T12:00:00Z", ["1993-08-20", "1993-08-21", "1993-08-22"]),
    ],
)
def test_days_are_those_of_the_users_time_zone(
    student: Person, name: str, midnight: str, expected: list[str]
) -> None:
    zone(student, name)
    for before in (timedelta(seconds=1), timedelta()):
        save(student, datetime.fromisoformat(midnight) - before)
    for query in ({"until": midnight}, {"since": expected[0], "until": expected[-1]}):
        answer = report(student, interval="day", **query)
        assert answer["timezone"] == name
        assert periods(answer) == expected
        assert counts(answer) == {expected[0]: 1, expected[-1]: 1}
    summed = student.client.get(f"{VOICE}summary/", {"until": midnight}).json()
    assert summed["longest_streak_days"] == 2, "a skipped day does not interrupt a streak"


def test_instants_are_days_of_the_users_time_zone(student: Person) -> None:
    zone(student, "Pacific/Kiritimati")
    answer = report(student, interval="day", since="2026-03-01T09:59:59Z", until="2026-03-01T10:00:00Z")
    assert periods(answer) == ["2026-03-01", "2026-03-02"]
    answer = report(student, interval="day", since="2026-03-01T10:00:00Z", until="2026-03-01T10:00:00Z")
    assert periods(answer) == ["2026-03-02"]


def test_unknown_time_zone_is_utc(student: Person) -> None:
    zone(student, "Gone/Zone")
    save(student, datetime(2026, 3, 1, 23, 59, tzinfo=UTC))
    answer = report(student, interval="day", until="2026-03-02")
    assert (answer["timezone"], counts(answer)) == ("UTC", {"2026-03-01": 1})


def test_error_for_an_unknown_interval_lists_the_known_ones(student: Person) -> None:
    for interval in ("year", "Week", "day,week"):
        assert refusal(student, interval=interval) == ("interval", "Expected one of day, week, month.")
    assert refusal(student, since="x")[0] == "since"


def test_too_long_series_is_refused(student: Person) -> None:
    field, sentence = refusal(student, interval="day", since="1900-01-01", until="2026-01-01")
    assert field == "interval"
    assert "more than 4,000 days" in sentence and "since" in sentence and "until" in sentence
    assert refusal(student, since="0001-01-01")[0] == "since"
    assert refusal(student, since="2026-01-01", until="2999-12-31")[0] == "interval"
    assert len(report(student, interval="month", since="1900-01-01", until="2026-01-31")["series"]) == 1513


@pytest.mark.parametrize(("days", "fits"), [(3_999, True), (4_000, False)])
def test_series_has_up_to_4000_periods(student: Person, days: int, fits: bool) -> None:
    query = {"since": "2020-01-01", "until": str(date(2020, 1, 1) + timedelta(days=days))}
    if fits:
        assert len(report(student, interval="day", **query)["series"]) == progress.MAX_PERIODS
    else:
        assert refusal(student, interval="day", **query)[0] == "interval"


def test_months_are_consecutive() -> None:
    first_days = progress.periods_between(date(2023, 1, 31), date(2025, 1, 1), Interval.MONTH)
    assert first_days == [
        *(date(2023, month, 1) for month in range(1, 13)),
        *(date(2024, month, 1) for month in range(1, 13)),
        date(2025, 1, 1),
    ]
