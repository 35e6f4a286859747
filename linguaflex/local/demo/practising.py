"""Inserts conversations with AI feedback, and the flashcards that their corrections become."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from accounts.models import Correction, User, VoiceConversation
from accounts.services import corrections
from linguaflex.local.demo.shapes import Practice

TEXTS = {
    "pronunciation_score": None,
    "pronunciation_note": "Only the text was judged, so there is no score for pronunciation.",
    "vocabulary_usage": "You have the words for this topic.",
    "confidence_level": "You answer without being asked twice.",
    "conversation_flow": "You keep to the topic.",
}
LEVELS = ((80, "B2"), (65, "B1"), (0, "A2"))  # the lowest grammar score of each


def insert_practice(user: User, practice: Practice, *, at: datetime) -> None:
    """Inserts one conversation of ``user`` at the time ``at``."""
    conversation = VoiceConversation.objects.create(
        user=user,
        topic=practice.topic,
        transcription={"messages": [{"role": role, "text": text} for role, text in practice.turns]},
        native_language=user.native_language,
        target_language=practice.target_language,
        conversation_type=practice.conversation_type,
        duration_minutes=practice.duration_minutes,
        ai_feedback=practice.ai_feedback,
    )
    if practice.mistakes:
        conversation.store_feedback(feedback_of(practice))
        corrections.replace_ai_corrections(conversation=conversation, at=at)
        Correction.objects.in_conversation(conversation).update(created_at=at)
    # The model sets created_at to now.
    VoiceConversation.objects.filter(pk=conversation.pk).update(created_at=at, updated_at=at)


def feedback_of(practice: Practice) -> dict[str, Any]:
    """The AI feedback on a practice, with the keys of FEEDBACK_SCHEMA and the note."""
    score = practice.ai_feedback["grammar_score"]
    return {
        "grammar_score": score,
        **TEXTS,
        "areas_for_improvement": practice.ai_feedback["areas_for_improvement"],
        "suggested_next_topics": practice.ai_feedback["suggested_next_topics"],
        "corrections": [asdict(mistake) for mistake in practice.mistakes],
        "cefr_estimate": next(level for least, level in LEVELS if score >= least),
    }
