"""The turns of a transcription, in any of the shapes that the API accepts.

The place of a turn is its index, from 0, in ``messages``, and then in ``segments``. A transcription without
them, such as a text, has the place 0 only.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from accounts.values import labelled_lines, speakers
from accounts.values.plain_text import is_blank
from accounts.values.speakers import Speaker

MAX_SEARCHED_CHARACTERS = 100_000  # the rest of a transcription is not searched
MAX_LABELS = 5_000  # different ones of a transcription; each takes up to 70 microseconds


@dataclass(frozen=True)
class Turn:
    """One turn of the conversation: a speaker, a text and the place in the transcription."""

    speaker: Speaker
    text: str
    place: int = field(default=0, compare=False)


def turns_of(transcription: Any, *, learner_name: str = "") -> list[Turn]:
    """The turns with a non-blank text, in order.

    Speakers with an unrecognised label are the learner if there is no other learner, and either a tutor
    or no second label; otherwise they are ``unknown``, as are those with more labels than MAX_LABELS.
    ``learner_name`` is one more label of the learner.
    """
    found: dict[str, Speaker] = {}

    def speaker_of(label: str) -> Speaker:
        if label not in found and len(found) < MAX_LABELS:
            found[label] = speakers.speaker_of(label, learner_name=learner_name)
        return found.get(label, "unknown")

    pairs = _labelled(transcription, speaker_of)
    has_places = len(texts_of(transcription)) > 1
    labelled = [
        (label, Turn(speaker_of(label), text, place if has_places else 0))
        for place, (label, text) in enumerate(pairs)
    ]
    known = {turn.speaker for _, turn in labelled}
    spoken = [(label, turn) for label, turn in labelled if not is_blank(turn.text)]
    unknown = {label for label, turn in spoken if turn.speaker == "unknown"}
    is_learner = "learner" not in known and ("tutor" in known or _is_one_speaker(unknown))
    other: Speaker = "learner" if is_learner else "unknown"
    return [replace(turn, speaker=other) if turn.speaker == "unknown" else turn for _, turn in spoken]


def _is_one_speaker(labels: Iterable[str]) -> bool:
    """Whether there are labels, and all are forms of one: "Speaker 1", "SPEAKER_1"."""
    folded = map(speakers.folded, labels)
    first = next(folded, None)
    return first is not None and all(label == first for label in folded)


def texts_of(transcription: Any) -> list[str]:
    """The text of each place."""
    if isinstance(transcription, str):
        return [transcription]
    objects = [text for _, text in _labelled_objects(transcription)]
    return objects or [transcription.get("full_text", "")]


def place_of(quote: str, turns: Iterable[Turn]) -> int | None:
    """The place of the first turn of the learner that contains ``quote``; None if there is none."""
    places = (turn.place for turn in turns if turn.speaker == "learner" and quote in turn.text)
    return next(places, None)


def has_quote(texts: Sequence[str], place: int, quote: str) -> bool:
    """Whether the text of a place, of those of ``texts_of``, exists and contains ``quote``."""
    return place < len(texts) and quote in texts[place]


def learner_texts(turns: list[Turn]) -> list[str]:
    """The texts of the learner's turns."""
    return [turn.text for turn in turns if turn.speaker == "learner"]


def all_speakers_are_unknown(turns: list[Turn]) -> bool:
    """Whether the speaker of every turn is unknown; False without turns."""
    return bool(turns) and all(turn.speaker == "unknown" for turn in turns)


def text_of(turn: dict[str, Any]) -> str:
    """The text of a message or segment: ``text``, or OpenAI's ``content``, as text or as parts.

    Parts are joined by line breaks: ``text`` or ``transcript``, such as of ``output_audio``. Other parts
    and null have no text. Spoken answers of Chat Completions have ``audio.transcript``.
    """
    if isinstance(text := turn.get("text"), str) and (not is_blank(text) or "content" not in turn):
        return text
    content = turn.get("content")
    if isinstance(content, str) and not is_blank(content):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(text for part in [*parts, {"audio": turn.get("audio")}] if (text := _part_text(part)))


def _part_text(part: Any) -> str:
    """The text of a part of OpenAI's ``content``; "" if it has none."""
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    audio, text = part.get("audio"), part.get("text")
    texts = (
        text.get("value") if isinstance(text, dict) else text,  # Assistants API: {"text": {"value": "..."}}
        part.get("transcript"),
        audio.get("transcript") if isinstance(audio, dict) else None,
    )
    return next((text for text in texts if isinstance(text, str) and not is_blank(text)), "")


def searched_text(transcription: Any) -> str:
    """The texts of a transcription, one per line; the first MAX_SEARCHED_CHARACTERS characters."""
    return "\n".join(spoken_texts(transcription))[:MAX_SEARCHED_CHARACTERS]


def spoken_texts(transcription: Any) -> Iterator[str]:
    """All texts of a transcription: the string itself, or every text in the object's known shapes."""
    if isinstance(transcription, str):
        yield transcription
    elif isinstance(transcription, dict):
        yield from (text for _, text in _labelled_objects(transcription))
        if "full_text" in transcription:
            yield transcription["full_text"]


def _labelled(transcription: Any, speaker_of: Callable[[str], Speaker]) -> Iterator[tuple[str, str]]:
    """Pairs of a label and a text."""
    if isinstance(transcription, str):
        yield from labelled_lines.turns(transcription, speaker_of)
    elif objects := list(_labelled_objects(transcription)):
        yield from objects
    else:
        yield from labelled_lines.turns(transcription.get("full_text", ""), speaker_of)


def _labelled_objects(transcription: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Pairs of a label and a text, from ``messages`` and ``segments``."""
    for turn in transcription.get("messages", []):
        yield turn["role"], text_of(turn)
    for turn in transcription.get("segments", []):
        yield turn["speaker"], text_of(turn)
