"""The summary of conversations, computed from the rows at each call; there are no stored counters."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import VoiceConversation
from accounts.models.voice_conversations import (
    SCORES,
    ProgressRow,
    SummaryRow,
    VoiceConversationQuerySet,
)
from accounts.values import search_text, timezones
from accounts.values.plain_text import is_blank

MAX_AREAS = 5
MAX_TOPICS = 10
COMPARED_CHARACTERS = 200
RECENT = timedelta(days=7)


@dataclass(frozen=True)
class Streaks:
    """The lengths of runs of consecutive days with a conversation."""

    current_days: int
    longest_days: int


def summarise(*, conversations: VoiceConversationQuerySet, timezone: str, at: datetime) -> dict[str, Any]:
    """The summary of ``conversations``, in the shape of the API. One query."""
    rows: list[SummaryRow] = list(conversations.newest_first().summary_rows())
    zone = timezones.zone_of(timezone)
    streaks = streaks_of({timezones.day_of(row.created_at, zone) for row in rows}, at, zone)
    return {
        **totals(rows, at),
        **advice([row.latest_feedback or {} for row in rows]),
        "average_scores": average_scores(rows),
        "current_streak_days": streaks.current_days,
        "longest_streak_days": streaks.longest_days,
        "first_conversation_at": rows[-1].created_at if rows else None,
        "last_conversation_at": rows[0].created_at if rows else None,
    }


def totals(rows: Sequence[SummaryRow], at: datetime) -> dict[str, Any]:
    """Counts and durations, in total, by language and by type."""
    durations = [row.duration_minutes for row in rows if row.duration_minutes is not None]
    return {
        "total_conversations": len(rows),
        "total_duration_minutes": sum(durations),
        "average_duration_minutes": round(fmean(durations), 2) if durations else 0,
        "conversations_by_language": by_language(rows),
        "conversations_by_type": dict(Counter(row.conversation_type for row in rows)),
        "recent_conversations_last_7_days": sum(row.created_at >= at - RECENT for row in rows),
        "available_conversation_types": [
            {"value": value, "label": label} for value, label in VoiceConversation.Type.choices
        ],
    }


def advice(feedback: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The most frequent areas for improvement, and the newest suggested topics.

    ``feedback`` is ordered from the newest to the oldest.
    """
    return {
        "top_areas_for_improvement": [
            {"area": area, "count": count}
            for area, count in frequent(texts(feedback, "areas_for_improvement"))[:MAX_AREAS]
        ],
        "suggested_next_topics": distinct(texts(feedback, "suggested_next_topics"))[:MAX_TOPICS],
    }


def streaks_of(days: set[date], at: datetime, zone: ZoneInfo) -> Streaks:
    """The streaks of ``days``. The current one ends today or yesterday in ``zone``.

    A day in the future counts as today. A day that the zone skipped does not interrupt a streak.
    """
    today = timezones.day_of(at, zone)
    runs: list[list[date]] = []
    for day in sorted({min(day, today) for day in days}):
        if runs and runs[-1][-1] == timezones.day_before(day, zone):
            runs[-1].append(day)
        else:
            runs.append([day])
    lasting = bool(runs) and runs[-1][-1] >= timezones.day_before(today, zone)
    return Streaks(len(runs[-1]) if lasting else 0, max(map(len, runs), default=0))


def by_language(rows: Sequence[SummaryRow]) -> dict[str, int]:
    """The number of conversations per target language, named by its most frequent spelling."""
    spellings: dict[str, Counter[str]] = {}
    for row in rows:
        spellings.setdefault(row.target_language_code, Counter())[row.target_language] += 1
    labelled = Counter[str]()
    for spelling in spellings.values():
        labelled[spelling.most_common(1)[0][0]] += spelling.total()
    return dict(labelled.most_common())


def average_scores(rows: Sequence[SummaryRow] | Sequence[ProgressRow]) -> dict[str, float | None]:
    """The mean of each score, to two decimal places; None if no row has the score."""
    found = {name: [number for row in rows if (number := getattr(row, name)) is not None] for name in SCORES}
    return {name: round(fmean(numbers), 2) if numbers else None for name, numbers in found.items()}


def texts(feedback: Iterable[dict[str, Any]], key: str) -> list[str]:
    """The non-blank texts of the list ``key`` of each feedback, in order."""
    found = [text for entry in feedback for text in entry.get(key) or [] if isinstance(text, str)]
    return [text.strip() for text in found if not is_blank(text)]


def frequent(found: Sequence[str]) -> list[tuple[str, int]]:
    """Texts with their counts, most frequent first. Those with one comparison_key count as the first."""
    counts = Counter(map(comparison_key, found))
    firsts = {comparison_key(text): text for text in reversed(found)}
    return [(firsts[key], count) for key, count in counts.most_common()]


def distinct(found: Sequence[str]) -> list[str]:
    """Texts in their order without repetitions. Of texts with one comparison_key, the first stays."""
    firsts: dict[str, str] = {}
    for text in found:
        firsts.setdefault(comparison_key(text), text)
    return list(firsts.values())


def comparison_key(text: str) -> str:
    """A key that ignores case, accents, hyphens, and the characters after COMPARED_CHARACTERS."""
    return search_text.key(text[:COMPARED_CHARACTERS]) or text
