"""A tutor without a model: quotes the learner and adds a question that a hash of the text selects."""

import re
import zlib

from standins.openai.feedback import LABEL

MAX_WORDS, MAX_CHARACTERS = 12, 80  # of a quotation
HELLO = f"{LABEL} Hello! What would you like to talk about?"
QUESTIONS = (
    "Why is that?",
    "What happened next?",
    "How did you feel about it?",
    "Can you tell me more?",
    "Who was there with you?",
    "How often do you do that?",
)


def answer(said: str) -> str:
    """The tutor's answer to a turn of the learner; a greeting for an empty turn."""
    quoted = quotation(said)
    if not quoted:
        return HELLO
    question = QUESTIONS[zlib.crc32(said.strip().encode()) % len(QUESTIONS)]
    return f"{LABEL} You said “{quoted}”. {question}"


def quotation(said: str) -> str:
    """The first sentence, up to MAX_WORDS and MAX_CHARACTERS."""
    sentence = re.split(r"[.!?…](?=\s|$)|[。！？]", said.strip(), maxsplit=1)[0]
    return " ".join(sentence.split()[:MAX_WORDS])[:MAX_CHARACTERS]
