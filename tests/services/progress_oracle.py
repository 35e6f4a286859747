"""The expected summary and progress of a history, by a plain count.

Written from the description of the API. It shares no code with the code under test, and reads every row
for every number.
"""

import math
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

LATEST = 3  # conversations that the advice reads; small, because histories are short
CODES = {"Spanish": "es", "español": "es", "ES-mx": "es", "Japanese": "ja", "日本語": "ja"}


def day(instant: datetime, zone: ZoneInfo) -> date:
    local = datetime.fromtimestamp(instant.timestamp(), zone)
    return date(local.year, local.month, local.day)


def matching(history: SimpleNamespace) -> list[dict[str, Any]]:
    """The rows that pass the filters, newest first; with equal instants, the last inserted first."""
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
    """The lengths of the current and the longest streak. A day in the future counts as today."""
    days = {today if day > today else day for day in days}
    lengths = {}
    for end in days:
        length = 1
        while end - timedelta(days=length) in days:
            length += 1
        lengths[end] = length
    current = lengths.get(today) or lengths.get(today - timedelta(days=1)) or 0
    return current, max(lengths.values(), default=0)


def expected_languages(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Languages, the most frequent first, under their most frequent spelling.

    With equal counts, the last used is the first, of languages and of spellings.
    """
    counted = []
    codes = [CODES[row["language"]] for row in rows]
    for code in sorted(set(codes), key=lambda code: (-codes.count(code), codes.index(code))):
        spellings = [row["language"] for row in rows if CODES[row["language"]] == code]
        label = max(spellings, key=lambda text: (spellings.count(text), -spellings.index(text)))
        counted.append({"code": code, "label": label, "count": len(spellings)})
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
        "conversations_by_language": {each["label"]: each["count"] for each in expected_languages(rows)},
        "languages": expected_languages(rows),
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


def first_day_of(a_day: date, interval: str) -> date:
    """The first day of the period that contains a day."""
    while (interval == "week" and a_day.isoweekday() != 1) or (interval == "month" and a_day.day != 1):
        a_day -= timedelta(days=1)
    return a_day


def expected_series(history: SimpleNamespace, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The figures by period, from the first day to the last."""
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
        period = first_day_of(a_day, history.interval)
        if not series or series[-1]["period"] != period:
            inside = [
                row
                for row, practice in zip(rows, practised, strict=True)
                if first_day_of(practice, history.interval) == period
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
