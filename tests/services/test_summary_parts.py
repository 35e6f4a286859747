"""The parts of the summary, the progress report and the dashboard that need no database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models.voice_conversations import Interval
from accounts.services import dashboard, progress, summary, voice_tutor

TODAY = date(2026, 3, 1)
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG = "a" * 200


@pytest.mark.parametrize(
    ("found", "counts"),
    [
        ([], []),
        (["b", "a", "a"], [("a", 2), ("b", 1)]),
        (["b", "a"], [("b", 1), ("a", 1)]),  # as often: in the order of occurrence
        (["Past-tense", "b", "b", "past tense", "PAST TENSE"], [("Past-tense", 3), ("b", 2)]),
        (["!", "?", "!"], [("!", 2), ("?", 1)]),
        (["-", "–", "-"], [("-", 2), ("–", 1)]),  # their keys would be empty
        ([f"{LONG}b", f"{LONG}c", f"b{LONG}"], [(f"{LONG}b", 2), (f"b{LONG}", 1)]),
        ([f"{LONG[1:]}b", f"{LONG[1:]}c"], [(f"{LONG[1:]}b", 1), (f"{LONG[1:]}c", 1)]),
    ],
)
def test_texts_are_counted_whatever_their_spelling(found: list[str], counts: list[tuple[str, int]]) -> None:
    assert summary.frequent(found) == counts
    first = sorted((text for text, _ in counts), key=found.index)
    assert summary.distinct(found, 5) == first
    assert summary.distinct(found, 1) == first[:1]


def test_five_areas_and_ten_topics_are_advised() -> None:
    letters = list("abcdefghijkl")
    found = summary.advice([([" ", None, " a "], ["a"]), (None, 5 * [""]), (["a", *letters], letters)])
    assert found["top_areas_for_improvement"] == [
        {"area": "a", "count": 3},
        *({"area": letter, "count": 1} for letter in "bcde"),
    ]
    assert found["suggested_next_topics"] == letters[:10]


def test_the_first_20_texts_of_each_list_are_read() -> None:
    long = [str(number) for number in range(21)]
    assert list(summary.texts([long, None, long])) == 2 * long[:20]


@pytest.mark.parametrize(
    ("ago", "current", "longest"), [([0, 0, 1, 1], 2, 2), ([-1, -5, 1], 2, 2), ([-1, 2], 1, 1), ([-3], 1, 1)]
)
def test_a_day_counts_once_and_one_in_the_future_is_today(ago: list[int], current: int, longest: int) -> None:
    days = [TODAY - timedelta(days=number) for number in ago]
    assert summary.streaks_of(days, AT, ZoneInfo("UTC")) == summary.Streaks(current, longest)


@pytest.mark.parametrize(
    ("day", "current"), [(date(2011, 12, 29), 2), (date(2011, 12, 28), 1), (date(2011, 12, 31), 1)]
)
def test_a_day_that_samoa_skipped_does_not_interrupt_a_streak(day: date, current: int) -> None:
    zone, last = ZoneInfo("Pacific/Apia"), date(2011, 12, 31)
    at = datetime(2011, 12, 31, 12, tzinfo=zone)
    assert summary.streaks_of([day, last], at, zone).current_days == current
    assert summary.streaks_of([day], at, zone).current_days == (day != date(2011, 12, 28))


def test_languages_with_one_label_are_counted_together() -> None:
    counted = [("es", "español", 5), ("fr", "French", 4), ("x", "French", 2), ("de", "Deutsch", 5)]
    found = summary.by_language(counted)
    assert list(found["conversations_by_language"].items()) == [("French", 6), ("español", 5), ("Deutsch", 5)]
    assert [(each["code"], each["count"]) for each in found["languages"]] == [
        *(("fr", 4), ("x", 2), ("es", 5), ("de", 5)),
    ]


@pytest.mark.parametrize(
    ("interval", "first", "last", "periods"),
    [
        (Interval.DAY, "2026-02-28", "2026-03-01", ["2026-02-28", "2026-03-01"]),
        (Interval.DAY, "2026-03-01", "2026-02-28", []),
        (Interval.WEEK, "2026-03-01", "2026-03-01", ["2026-02-23"]),
        (Interval.WEEK, "2026-03-01", "2026-03-02", ["2026-02-23", "2026-03-02"]),
        (Interval.WEEK, "2026-03-02", "2026-03-01", []),
        (Interval.MONTH, "2026-01-31", "2026-03-01", ["2026-01-01", "2026-02-01", "2026-03-01"]),
        (Interval.MONTH, "2026-03-31", "2026-03-01", []),
    ],
)
def test_periods_contain_the_first_and_the_last_day(
    interval: Any, first: str, last: str, periods: list[str]
) -> None:
    found = progress.periods_between(date.fromisoformat(first), date.fromisoformat(last), interval)
    assert [str(period) for period in found] == periods


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("a", '"a"'),
        (' a "b"\\ \n\tc\u2028\x00d é ', '"a \\"b\\"\\\\ c d é"'),
        (LONG + "b", f'"{LONG}"'),
        (LONG[1:] + "bc", f'"{LONG[1:]}b"'),
    ],
)
def test_a_text_in_instructions_is_one_quoted_line_of_200_characters(text: str, quoted: str) -> None:
    assert voice_tutor.quoted(text) == quoted


def test_a_week_without_conversations_has_zeros_and_no_score() -> None:
    assert dashboard.week_of(TODAY, {}) == dashboard.Week(TODAY, 0, 0, None, None)
    grammar = {"total_grammar_sum": 250, "total_grammar_count": 3, "total_pronunciation_count": 0}
    row = {"total_conversations": 5, "total_minutes": 7, **grammar}
    assert dashboard.week_of(TODAY, row) == dashboard.Week(TODAY, 5, 7, 83.3, None)
