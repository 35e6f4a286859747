"""The summary of conversations, aggregated by the database."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import VoiceConversation
from accounts.models.histories import History, Totals
from accounts.models.history_sql import MAX_TEXTS
from accounts.values import search_text, timezones
from accounts.values.plain_text import is_blank

MAX_AREAS = 5
MAX_TOPICS = 10
COMPARED_CHARACTERS = 200
RECENT = timedelta(days=7)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Streaks:
    """The lengths of runs of consecutive days with a conversation."""

    current_days: int
    longest_days: int


def summarise(*, history: History, timezone: str, at: datetime) -> dict[str, Any]:
    """The summary of ``history``, in the shape of the API. One query."""
    zone = timezones.zone_of(timezone)
    found = history.totals(zone=zone, recent=at - RECENT, at=at)
    streaks = streaks_of(found.days, at, zone)
    return {
        **totals(found),
        "average_scores": found.figures.averages(),
        "current_streak_days": streaks.current_days,
        "longest_streak_days": streaks.longest_days,
        **advice(found.feedback),
        "first_conversation_at": found.first_at,
        "last_conversation_at": found.last_at,
    }


def totals(found: Totals) -> dict[str, Any]:
    """Counts and durations, in total, by language and by type."""
    figures = found.figures
    return {
        "total_conversations": figures.conversations,
        "total_duration_minutes": figures.minutes,
        "average_duration_minutes": round(figures.minutes / figures.timed, 2) if figures.timed else 0.0,
        **by_language(found.languages),
        "conversations_by_type": dict(found.types),
        "recent_conversations_last_7_days": found.recent,
        "available_conversation_types": [
            {"value": value, "label": label} for value, label in VoiceConversation.Type.choices
        ],
    }


def advice(feedback: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """The most frequent areas for improvement, and the newest suggested topics.

    ``feedback`` has a list of areas and a list of topics, or None, of each conversation, newest first.
    """
    return {
        "top_areas_for_improvement": [
            {"area": area, "count": count}
            for area, count in frequent(texts(areas for areas, _ in feedback))[:MAX_AREAS]
        ],
        "suggested_next_topics": distinct(texts(topics for _, topics in feedback), MAX_TOPICS),
    }


def streaks_of(days: Iterable[date], at: datetime, zone: ZoneInfo) -> Streaks:
    """The streaks of ``days``. The current one ends today or yesterday in ``zone``.

    A day in the future counts as today. A day that the zone skipped does not interrupt a streak.
    """
    today = timezones.day_of(at, zone)
    longest = length = 0
    last = date.min
    for day in sorted({min(day, today) for day in days}):
        length = length + 1 if length and follows(day, last, zone) else 1
        longest, last = max(longest, length), day
    lasting = length and last >= timezones.day_before(today, zone)
    return Streaks(length if lasting else 0, longest)


def follows(day: date, last: date, zone: ZoneInfo) -> bool:
    """Whether ``zone`` has no day between ``last`` and ``day``. A zone skips one day at most."""
    passed = day - last
    return passed <= DAY or (passed == 2 * DAY and last == timezones.day_before(day, zone))


def by_language(counted: Sequence[tuple[str, str, int]]) -> dict[str, Any]:
    """The number of conversations per target language, by its label.

    ``counted`` has code, label and conversations of each language, the last used first. The most frequent
    language is the first. Two codes have one label if a row has the code of an earlier release.
    """
    labelled = Counter[str]()
    for _, label, conversations in counted:
        labelled[label] += conversations
    languages: list[dict[str, Any]] = [
        {"code": code, "label": label, "count": conversations} for code, label, conversations in counted
    ]
    languages.sort(key=lambda each: -labelled[each["label"]])
    return {"conversations_by_language": dict(labelled.most_common()), "languages": languages}


def texts(lists: Iterable[Any]) -> Iterator[str]:
    """The non-blank texts among the first MAX_TEXTS entries of each list, in order. A list may be None."""
    for entry in lists:
        for text in islice(entry or [], MAX_TEXTS):
            if isinstance(text, str) and not is_blank(text):
                yield text.strip()


def frequent(found: Iterable[str]) -> list[tuple[str, int]]:
    """Texts with their counts, most frequent first. Those with one comparison_key count as the first."""
    counts = Counter[str]()
    firsts: dict[str, str] = {}
    for text, count in Counter(found).items():  # in the order of the first occurrences
        key = comparison_key(text)
        counts[key] += count
        firsts.setdefault(key, text)
    return [(firsts[key], count) for key, count in counts.most_common()]


def distinct(found: Iterable[str], count: int) -> list[str]:
    """The first ``count`` texts without repetitions. Of texts with one comparison_key, the first stays."""
    firsts, seen = dict[str, str](), set[str]()
    for text in found:
        if text not in seen:
            seen.add(text)
            firsts.setdefault(comparison_key(text), text)
        if len(firsts) == count:
            break
    return list(firsts.values())


def comparison_key(text: str) -> str:
    """A key that ignores case, accents, hyphens, and the characters after COMPARED_CHARACTERS."""
    return search_text.key(text[:COMPARED_CHARACTERS]) or text
