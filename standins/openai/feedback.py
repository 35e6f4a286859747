"""Feedback without a model: counted and looked up in the learner's own turns, the same each time.

The form is the one that LinguaFlex asks for; every text in it says that it is simulated.
"""

import json
import re
from typing import Any

from standins.openai.calls import Refused

LABEL = "Simulated:"
MOST_CORRECTIONS = 5
LEVELS = (("C1", 14), ("B2", 11), ("B1", 8), ("A2", 5), ("A1", 0))  # words a turn


def feedback_on(text: Any) -> dict[str, Any]:
    """The object for a conversation, given as LinguaFlex writes it: JSON with ``turns``."""
    turns = learner_turns(text)
    words = [word for turn in turns for word in re.findall(r"\w+", turn)]
    corrections = [fix for turn in turns if (fix := correction_of(turn))][:MOST_CORRECTIONS]
    variety = len({word.casefold() for word in words}) / max(len(words), 1)
    length = len(words) / max(len(turns), 1)
    return {
        "grammar_score": max(40, 95 - 10 * len(corrections)),
        "pronunciation_score": None,
        "vocabulary_usage": f"{LABEL} {len(words)} words, {round(100 * variety)} % of them different.",
        "confidence_level": f"{LABEL} {length:.1f} words a turn.",
        "conversation_flow": f"{LABEL} {len(turns)} turns of the learner's.",
        "areas_for_improvement": ["capital letters and full stops"] if corrections else ["longer answers"],
        "suggested_next_topics": ["Tell the same story in the past"],
        "corrections": corrections,
        "cefr_estimate": next(level for level, least in LEVELS if length >= least),
    }


def learner_turns(text: Any) -> list[str]:
    """What the learner said."""
    try:
        turns = json.loads(text)["turns"]
        return [str(turn["text"]) for turn in turns if turn["speaker"] == "learner"]
    except (LookupError, TypeError, ValueError, RecursionError):
        raise Refused(
            400, "invalid_value", "The simulator reads conversations of LinguaFlex alone."
        ) from None


def correction_of(turn: str) -> dict[str, str] | None:
    """What a teacher of writing would say; None for a turn that begins and ends well."""
    said = turn.strip()
    well = said[:1].upper() + said[1:] + ("" if not said or said[-1] in ".!?…。！？" else ".")
    if said == well:
        return None
    return {
        "quote": said[:200],
        "corrected": well[:201],
        "explanation": f"{LABEL} a sentence begins with a capital letter and ends with a mark.",
    }
