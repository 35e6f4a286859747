"""Who said what: the turns of a transcription in any of its shapes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Literal

from accounts import languages

LEARNER_LABELS = {"user", "learner", "student", "me", "you", "human"}
TUTOR_LABELS = {"assistant", "ai", "tutor", "teacher", "system", "bot", "model", "coach", "developer", "tool"}
# "AI: Hola" in a transcription that is one string.
LABELLED_LINE = re.compile(r"^[ \t]*([^\s:：][^\n:：]{0,60})[:：][ \t]*", re.MULTILINE)
LONGEST_LABEL = 80

Speaker = Literal["learner", "tutor", "unknown"]


@dataclass(frozen=True)
class Turn:
    """What one of the two said."""

    speaker: Speaker
    text: str


def turns_of(transcription: Any, *, learner_name: str = "") -> list[Turn]:
    """The turns with something in them, in order.

    Who is neither by a usual label nor by ``learner_name`` to be told is the learner where nobody
    else is, and otherwise unknown.
    """
    labels = LEARNER_LABELS | {_folded(learner_name)} - TUTOR_LABELS - {""}
    said = [(_folded(label), text) for label, text in _labelled(transcription, labels)]
    any_learner = any(label in labels for label, _ in said)

    def speaker_of(label: str) -> Speaker:
        if label in labels:
            return "learner"
        if label in TUTOR_LABELS:
            return "tutor"
        return "unknown" if any_learner else "learner"

    return [Turn(speaker_of(label), text) for label, text in said if text.strip()]


def learner_texts(turns: list[Turn]) -> list[str]:
    """What the learner said."""
    return [turn.text for turn in turns if turn.speaker == "learner"]


def spoken_texts(transcription: Any) -> Iterator[str]:
    """What was said, whoever said it: the string itself, or every text of the object's known shapes."""
    if isinstance(transcription, str):
        yield transcription
    elif isinstance(transcription, dict):
        yield from (text for _, text in _labelled_objects(transcription))
        if "full_text" in transcription:
            yield transcription["full_text"]


def _labelled(transcription: Any, labels: set[str]) -> Iterator[tuple[str, str]]:
    """Labels with texts."""
    if isinstance(transcription, str):
        yield from _lines(transcription, labels)
    elif objects := list(_labelled_objects(transcription)):
        yield from objects
    else:
        yield from _lines(transcription.get("full_text", ""), labels)


def _labelled_objects(transcription: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Labels with texts, of those turns that are objects."""
    for turn in transcription.get("messages", []):
        yield turn["role"], turn["text"]
    for turn in transcription.get("segments", []):
        yield turn["speaker"], turn["text"]


def _lines(text: str, labels: set[str]) -> Iterator[tuple[str, str]]:
    """A string's turns: each begins with a known label, or beside a tutor with another's.

    A colon alone makes none: people say "Note: ..." too.
    """
    known = labels | TUTOR_LABELS
    lines = list(LABELLED_LINE.finditer(text))
    starts = [found for found in lines if _folded(found[1]) in known]
    if starts and all(_folded(found[1]) in TUTOR_LABELS for found in starts):
        starts = lines
    yield "", text[: starts[0].start() if starts else len(text)]
    for start, following in zip_longest(starts, starts[1:]):
        yield start[1], text[start.end() : following.start() if following else len(text)]


def _folded(label: str) -> str:
    """A label for comparing, in whatever case, width and composition it is written."""
    return " ".join(languages.folded(label[:LONGEST_LABEL]).split())
