"""The turns of a transcription, in any of the shapes that the API accepts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from accounts.values import languages

LEARNER_LABELS = {"user", "learner", "student", "me", "you", "human"}
TUTOR_LABELS = {"assistant", "ai", "tutor", "teacher", "system", "bot", "model", "coach", "developer", "tool"}
# The label of "AI: Hola", in a transcription that is one string.
LABELLED_LINE = re.compile(r"^[ \t]*([^\s:：][^\n:：]{0,60})[:：][ \t]*", re.MULTILINE)
MAX_LABEL_LENGTH = 80

Speaker = Literal["learner", "tutor", "unknown"]


@dataclass(frozen=True)
class Turn:
    """One turn of the conversation: a speaker and a text."""

    speaker: Speaker
    text: str


def turns_of(transcription: Any, *, learner_name: str = "") -> list[Turn]:
    """The turns with a non-blank text, in order.

    A speaker with an unrecognised label is the learner if there is no other learner, otherwise
    ``unknown``. ``learner_name`` is one more label of the learner.
    """
    labels = LEARNER_LABELS | {_folded(learner_name)} - TUTOR_LABELS - {""}
    labelled = list(_labelled(transcription, labels))
    any_learner = any(label in labels for label, _ in labelled)

    def speaker_of(label: str) -> Speaker:
        if label in labels:
            return "learner"
        if label in TUTOR_LABELS:
            return "tutor"
        return "unknown" if any_learner else "learner"

    return [Turn(speaker_of(label), text) for label, text in labelled if text.strip()]


def learner_texts(turns: list[Turn]) -> list[str]:
    """The texts of the learner's turns."""
    return [turn.text for turn in turns if turn.speaker == "learner"]


def spoken_texts(transcription: Any) -> Iterator[str]:
    """All texts of a transcription: the string itself, or every text in the object's known shapes."""
    if isinstance(transcription, str):
        yield transcription
    elif isinstance(transcription, dict):
        yield from (text for _, text in _labelled_objects(transcription))
        if "full_text" in transcription:
            yield transcription["full_text"]


def _labelled(transcription: Any, labels: set[str]) -> Iterator[tuple[str, str]]:
    """Pairs of a folded label and a text."""
    if isinstance(transcription, str):
        yield from _lines(transcription, labels)
    elif objects := list(_labelled_objects(transcription)):
        yield from ((_folded(label), text) for label, text in objects)
    else:
        yield from _lines(transcription.get("full_text", ""), labels)


def _labelled_objects(transcription: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Pairs of a label and a text, from ``messages`` and ``segments``."""
    for turn in transcription.get("messages", []):
        yield turn["role"], turn["text"]
    for turn in transcription.get("segments", []):
        yield turn["speaker"], turn["text"]


def _lines(text: str, labels: set[str]) -> Iterator[tuple[str, str]]:
    """Pairs of a folded label and a text, from a string.

    A turn starts at a line with a known label. If the only known labels are the tutor's, other labels
    start a turn too. Otherwise they do not, because a line such as "Note: ..." is not a turn.
    """
    known = labels | TUTOR_LABELS
    lines = [(_folded(found[1]), found.start(), found.end()) for found in LABELLED_LINE.finditer(text)]
    starts = [line for line in lines if line[0] in known]
    if starts and all(label in TUTOR_LABELS for label, _, _ in starts):
        starts = lines
    ends = [*(start for _, start, _ in starts), len(text)]
    yield "", text[: ends[0]]
    for (label, _, begin), end in zip(starts, ends[1:], strict=True):
        yield label, text[begin:end]


def _folded(label: str) -> str:
    """The label in a form that ignores case, width, composition and repeated blanks."""
    return " ".join(languages.folded(label[:MAX_LABEL_LENGTH]).split())
