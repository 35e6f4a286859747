"""Feedback in LinguaFlex's schema, computed from the learner's turns without a model."""

import json
import re
from typing import Any

from standins.openai.calls import ApiError

LABEL = "Simulated:"
MAX_CORRECTIONS = 5
LEVELS = (("C1", 14), ("B2", 11), ("B1", 8), ("A2", 5), ("A1", 0))  # minimum words per turn


def feedback_on(text: Any) -> dict[str, Any]:
    """Feedback on a conversation: ``text`` is LinguaFlex's JSON with ``turns``. Raises ApiError."""
    turns = learner_turns(text)
    words = [word for turn in turns for word in re.findall(r"\w+", turn)]
    corrections = [fix for turn in turns if (fix := correction_of(turn))][:MAX_CORRECTIONS]
    variety = len({word.casefold() for word in words}) / max(len(words), 1)
    length = len(words) / max(len(turns), 1)
    return {
        "grammar_score": max(40, 95 - 10 * len(corrections)),
        "pronunciation_score": None,
        "vocabulary_usage": f"{LABEL} {len(words)} words, {round(100 * variety)} % of them different.",
        "confidence_level": f"{LABEL} {length:.1f} words per turn.",
        "conversation_flow": f"{LABEL} {len(turns)} turns by the learner.",
        "areas_for_improvement": ["capital letters and full stops"] if corrections else ["longer answers"],
        "suggested_next_topics": ["Tell the same story in the past"],
        "corrections": corrections,
        "cefr_estimate": next(level for level, minimum in LEVELS if length >= minimum),
    }


def learner_turns(text: Any) -> list[str]:
    """The texts of the learner's turns. Raises ApiError for another format."""
    try:
        turns = json.loads(text)["turns"]
        return [str(turn["text"]) for turn in turns if turn["speaker"] == "learner"]
    except (LookupError, TypeError, ValueError, RecursionError):
        raise ApiError(
            400, "invalid_value", "The simulator accepts only conversations of LinguaFlex."
        ) from None


def correction_of(turn: str) -> dict[str, str] | None:
    """Corrects a missing capital letter and a missing full stop; None if neither is missing."""
    said = turn.strip()
    corrected = said[:1].upper() + said[1:] + ("" if not said or said[-1] in ".!?…。！？" else ".")
    if said == corrected:
        return None
    return {
        "quote": said[:200],
        "corrected": corrected[:201],
        "explanation": f"{LABEL} a sentence begins with a capital letter and ends with punctuation.",
    }
