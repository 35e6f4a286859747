"""A tutor without a model: it repeats a piece of what the learner wrote and asks on, always the same."""

import re
import zlib

from standins.openai.feedback import LABEL

MOST_WORDS, MOST_CHARACTERS = 12, 80  # repeated
HELLO = f"{LABEL} Hello! What would you like to talk about?"
NOT_UNDERSTOOD = f"{LABEL} I heard you, but I understand no speech. Can you type it, please?"
QUESTIONS = (
    "Why is that?",
    "What happened next?",
    "How did you feel about it?",
    "Can you tell me more?",
    "Who was there with you?",
    "How often do you do that?",
)


def answer(said: str) -> str:
    """What the tutor says to a learner's turn."""
    piece = piece_of(said)
    if not piece:
        return HELLO
    question = QUESTIONS[zlib.crc32(said.strip().encode()) % len(QUESTIONS)]
    return f"{LABEL} You said “{piece}”. {question}"


def piece_of(said: str) -> str:
    """The beginning of the first sentence."""
    sentence = re.split(r"[.!?…](?=\s|$)|[。！？]", said.strip(), maxsplit=1)[0]
    return " ".join(sentence.split()[:MOST_WORDS])[:MOST_CHARACTERS]
