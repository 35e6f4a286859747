"""What the requests send, and the chats in which they send it."""

import json
from collections.abc import Iterable

from benchmarks.speed import tokens


def chats_of(people: Iterable[str]) -> dict[str, str]:
    """The id of one chat of each person. Raises RuntimeError if somebody has none."""
    from accounts.models import Participant

    found = {}
    for person in people:
        own = Participant.objects.filter(user=tokens.user_id(person)).order_by("chat").first()
        if own is None:
            raise RuntimeError(f"{person} has no chat: the seeds have too few chats.")
        found[person] = str(own.chat_id)
    return found


def conversation() -> bytes:
    """The body that creates a conversation of about 4,000 characters."""
    sentence = 'Ayer fui al mercado y compré naranjas, "pan" y un poco de queso para la cena con mis amigos. '
    turns = [{"role": ("user", "assistant")[n % 2], "text": f"{n}. {sentence * 3}"} for n in range(16)]
    body = {
        "topic": "At the market",
        "transcription": {"messages": turns},
        "native_language": "German",
        "target_language": "Spanish",
        "conversation_type": "practice",
        "duration_minutes": 12,
        "ai_feedback": {
            "grammar_score": 81,
            "pronunciation_score": 77,
            "areas_for_improvement": ["articles", "past tense"],
            "suggested_next_topics": ["travel"],
        },
    }
    return json.dumps(body, ensure_ascii=False).encode()


def message() -> bytes:
    text = "Hola, ¿cómo estás? See you at five, at the market near the river."
    return json.dumps({"content": text}, ensure_ascii=False).encode()
