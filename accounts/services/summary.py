"""The summary, derived from the stored conversations at each call: no counter can go wrong."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import VoiceConversation
from accounts.models.voice_conversations import SCORES, Facts, Measures, VoiceConversationQuerySet
from accounts.values import languages, timezones

MOST_AREAS = 5
MOST_TOPICS = 10
COMPARED = 200  # characters
RECENT = timedelta(days=7)


@dataclass(frozen=True)
class Streaks:
    """Runs of consecutive days with practice; the current one may still be extended today."""

    current_days: int
    longest_days: int


def summarise(*, conversations: VoiceConversationQuerySet, timezone: str, at: datetime) -> dict[str, Any]:
    """The summary of ``conversations`` as the API gives it; one query."""
    facts: list[Facts] = list(conversations.newest_first().facts())
    zone = timezones.zone_of(timezone)
    streaks = streaks_of({timezones.day_of(fact.created_at, zone) for fact in facts}, at, zone)
    return {
        **totals(facts, at),
        **advice([fact.latest_feedback or {} for fact in facts]),
        "average_scores": average_scores(facts),
        "current_streak_days": streaks.current_days,
        "longest_streak_days": streaks.longest_days,
        "first_conversation_at": facts[-1].created_at if facts else None,
        "last_conversation_at": facts[0].created_at if facts else None,
    }


def totals(facts: Sequence[Facts], at: datetime) -> dict[str, Any]:
    """How many there are and how long, by language and by type."""
    durations = [fact.duration_minutes for fact in facts if fact.duration_minutes is not None]
    return {
        "total_conversations": len(facts),
        "total_duration_minutes": sum(durations),
        "average_duration_minutes": round(fmean(durations), 2) if durations else 0,
        "conversations_by_language": by_language(facts),
        "conversations_by_type": dict(Counter(fact.conversation_type for fact in facts)),
        "recent_conversations_last_7_days": sum(fact.created_at >= at - RECENT for fact in facts),
        "available_conversation_types": [
            {"value": value, "label": label} for value, label in VoiceConversation.Type.choices
        ],
    }


def advice(feedback: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What feedback, newest first, says to work on."""
    return {
        "top_areas_for_improvement": [
            {"area": area, "count": count}
            for area, count in frequent(texts(feedback, "areas_for_improvement"))[:MOST_AREAS]
        ],
        "suggested_next_topics": distinct(texts(feedback, "suggested_next_topics"))[:MOST_TOPICS],
    }


def streaks_of(days: set[date], at: datetime, zone: ZoneInfo) -> Streaks:
    """The streaks of the days with practice; a current one ends today or yesterday in ``zone``.

    A day in the future, of a clock that is ahead, counts as today. A day that the zone skipped
    interrupts nothing.
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


def by_language(facts: Sequence[Facts]) -> dict[str, int]:
    """Conversations by target language, under the spelling that the learner uses most."""
    spellings: dict[str, Counter[str]] = {}
    for fact in facts:
        spellings.setdefault(fact.target_language_code, Counter())[fact.target_language] += 1
    labelled = Counter[str]()
    for spelling in spellings.values():
        labelled[spelling.most_common(1)[0][0]] += spelling.total()
    return dict(labelled.most_common())


def average_scores(rows: Sequence[Facts] | Sequence[Measures]) -> dict[str, float | None]:
    """The mean of each score over the rows that have it, to two places; None without any."""
    found = {name: [number for row in rows if (number := getattr(row, name)) is not None] for name in SCORES}
    return {name: round(fmean(numbers), 2) if numbers else None for name, numbers in found.items()}


def texts(feedback: Iterable[dict[str, Any]], key: str) -> list[str]:
    """Every text under ``key``, newest first."""
    found = [text for one in feedback for text in one.get(key) or [] if isinstance(text, str)]
    return [text.strip() for text in found if text.strip()]


def frequent(found: Sequence[str]) -> list[tuple[str, int]]:
    """Texts with their counts, most frequent first; case does not make two of one."""
    counts = Counter(map(alike, found))
    newest = {alike(text): text for text in reversed(found)}
    return [(newest[folded], count) for folded, count in counts.most_common()]


def distinct(found: Sequence[str]) -> list[str]:
    """Texts in their order, each once; case does not make two of one."""
    firsts: dict[str, str] = {}
    for text in found:
        firsts.setdefault(alike(text), text)
    return list(firsts.values())


def alike(text: str) -> str:
    """What texts have in common that differ in case; two that begin alike for very long are one."""
    return languages.folded(text[:COMPARED])
