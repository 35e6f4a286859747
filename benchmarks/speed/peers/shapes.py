"""The JSON of the API, from rows of sql.py (mappings), and the statistics of the summary."""

import base64
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from accounts.values import languages
from accounts.values.search_text import searchable
from benchmarks.speed.peers import settings

Row = Mapping[str, Any]
TYPES = {
    "practice": "Language Practice",
    "lesson": "Language Lesson",
    "conversation": "Free Conversation",
    "assessment": "Language Assessment",
    "pronunciation": "Pronunciation Practice",
    "vocabulary": "Vocabulary Building",
    "grammar": "Grammar Practice",
}
PICTURES = f"{settings.SUPABASE_URL}/storage/v1/object/public/user-uploads/"
CONVERSATION_FIELDS = (
    *("id", "user", "user_name", "user_email", "topic", "transcription", "native_language"),
    *("native_language_code", "target_language", "target_language_code", "conversation_type"),
    *("conversation_type_display", "duration_minutes"),
    *("ai_feedback", "generated_feedback", "feedback_status", "feedback_error", "client_id"),
    *("session", "reported_usage", "comments_count", "created_at", "updated_at"),
)
MESSAGE_FIELDS = (
    *("id", "seq", "sender", "content", "client_id", "created_at", "edited_at", "deleted_at"),
    "removed_by_staff",
)
# Values of ``grouping`` in sql.SUMMARY.
TOTAL, BY_LANGUAGE, BY_TYPE, BY_DAY = 0b1111, 0b0011, 0b1101, 0b1110


def picture(path: str) -> str | None:
    return PICTURES + path if path else None


def cursor(*values: Any) -> str:
    """A signed cursor, of the same cost as the product's."""
    body = base64.urlsafe_b64encode("|".join(map(str, values)).encode()).decode()
    return f"{body}:{hmac.new(settings.CURSOR_SECRET, body.encode(), hashlib.sha256).hexdigest()}"


def digest(fields: Mapping[str, Any]) -> str:
    """The digest that makes a creation idempotent, as in accounts/services/idempotency.py."""
    text = json.dumps(fields, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def code_of(language: str) -> str:
    return languages.code_of(language)


def conversation(row: Row, user: Row) -> dict[str, Any]:
    added = {
        "user_name": user["name"],
        "user_email": user["email"],
        "conversation_type_display": TYPES[row["conversation_type"]],
    }
    return {name: added[name] if name in added else row[name] for name in CONVERSATION_FIELDS}


def chat(row: Row, user: Row) -> dict[str, Any]:
    me = {
        "id": user["id"],
        "name": user["name"],
        "email": user["email"],
        "role": user["role"],
        "profile_picture": picture(user["profile_picture"]),
    }
    peer = {
        "id": row["peer_id"],
        "name": row["peer_name"],
        "email": row["peer_email"] if row["peer_has_written"] else None,
        "role": row["peer_role"],
        "profile_picture": picture(row["peer_picture"]),
    }
    message = {
        "id": row["message_id"],
        "seq": row["seq"],
        "sender": row["sender_id"],
        "content": row["content"],
        "client_id": row["client_id"],
        "created_at": row["sent_at"],
        "edited_at": row["edited_at"],
        "deleted_at": row["deleted_at"],
        "removed_by_staff": row["removed_by_staff"],
    }
    return {
        "id": row["id"],
        "participants": [me, peer] if me["id"] < peer["id"] else [peer, me],
        "last_message": message if message["id"] else None,
        "last_seq": row["last_seq"],
        "unread_count": row["unread_count"],
        "my_read_seq": row["read_seq"],
        "peer_read_seq": row["peer_read_seq"],
        "blocked_by_me": row["blocked_at"] is not None,
        "realtime": channel(row["id"]),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def channel(chat_id: UUID) -> dict[str, str]:
    return {"topic": f"chat:{chat_id}", "event": "message"}


def gig(row: Row) -> dict[str, Any]:
    teacher = {
        "id": row["teacher_id"],
        "name": row["teacher_name"],
        "profile_picture": picture(row["teacher_picture"]),
        "headline": row["headline"],
        "experience_years": row["experience_years"],
        "is_verified": row["is_verified"],
    }
    return {
        "id": row["id"],
        "teacher": teacher,
        "title": row["title"],
        "description": row["description"],
        "language": row["language"],
        "language_code": row["language_code"],
        "price_per_session": row["price_per_session"],
        "currency": row["currency"],
        "session_minutes": row["session_minutes"],
        "tags": row["tags"],
        "what_is_included": row["what_is_included"],
        "status": row["status"],
        "suspension_reason": row["suspension_reason"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def summary(rows: list[Row], feedback: list[tuple[Any, Any]], today: date) -> dict[str, Any]:
    """``rows`` are those of sql.SUMMARY, ``feedback`` the areas and topics of sql.FEEDBACK."""
    (total,) = (row for row in rows if row["grouping"] == TOTAL)
    types = [row for row in rows if row["grouping"] == BY_TYPE]
    days = {min(row["day"], today) for row in rows if row["grouping"] == BY_DAY}
    current, longest = streaks(sorted(days), today)
    return {
        "total_conversations": total["count"],
        "total_duration_minutes": total["minutes"] or 0,
        "average_duration_minutes": rounded(total["mean_minutes"]) or 0,
        **by_language(row for row in rows if row["grouping"] == BY_LANGUAGE),
        "conversations_by_type": {row["type"]: row["count"] for row in types},
        "recent_conversations_last_7_days": total["recent"],
        "available_conversation_types": [{"value": name, "label": label} for name, label in TYPES.items()],
        "average_scores": {
            "grammar_score": rounded(total["grammar"]),
            "pronunciation_score": rounded(total["pronunciation"]),
        },
        "current_streak_days": current,
        "longest_streak_days": longest,
        "top_areas_for_improvement": top_areas([area for areas, _ in feedback for area in areas or []]),
        "suggested_next_topics": first_topics([topic for _, topics in feedback for topic in topics or []]),
        "first_conversation_at": total["first_at"],
        "last_conversation_at": total["last_at"],
    }


def rounded(value: Any) -> float | None:
    return None if value is None else round(float(value), 2)


def by_language(rows: Iterable[Row]) -> dict[str, Any]:
    """Conversations of each language, under its most frequent spelling. With equal counts, the last used."""
    spellings: dict[str, Counter[str]] = {}
    for row in sorted(rows, key=lambda row: row["last_at"], reverse=True):
        spellings.setdefault(row["code"], Counter())[row["language"]] += row["count"]
    languages = [
        {"code": code, "label": each.most_common(1)[0][0], "count": each.total()}
        for code, each in spellings.items()
    ]
    languages.sort(key=lambda each: -each["count"])
    return {
        "conversations_by_language": {each["label"]: each["count"] for each in languages},
        "languages": languages,
    }


def streaks(days: list[date], today: date) -> tuple[int, int]:
    """The lengths of the streak that lasts until today or yesterday, and of the longest one."""
    run = longest = 0
    previous = None
    for day in days:
        run = run + 1 if previous == day - timedelta(days=1) else 1
        longest, previous = max(longest, run), day
    return run if previous and previous >= today - timedelta(days=1) else 0, longest


def top_areas(areas: list[str]) -> list[dict[str, Any]]:
    areas = [text for area in areas if (text := area.strip())]
    newest = {area.casefold(): area for area in reversed(areas)}
    counts = Counter(area.casefold() for area in areas)
    return [{"area": newest[key], "count": count} for key, count in counts.most_common(5)]


def first_topics(topics: list[str]) -> list[str]:
    found: dict[str, str] = {}
    for topic in topics:
        if text := topic.strip():
            found.setdefault(text.casefold(), text)
    return list(found.values())[:10]


def searched(topic: str, transcription: Any) -> str:
    return searchable([topic, "\n".join(spoken(transcription))])


def spoken(transcription: Any) -> list[str]:
    """The texts of a transcription. Raises ValueError, KeyError or TypeError for an unknown shape."""
    if isinstance(transcription, str):
        return [transcription]
    found = [turn["text"] for turn in transcription["messages"] if isinstance(turn["role"], str)]
    if not any(text.strip() for text in found):
        raise ValueError("nothing was said")
    return found
