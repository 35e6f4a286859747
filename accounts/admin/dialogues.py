"""Transcripts and chats as dialogues: lines, with the corrections beside the turn that they correct."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from accounts.admin import shown_parts
from accounts.models import Correction, Message
from accounts.values.transcripts import Turn

SPEAKERS = {"learner": "Learner", "tutor": "Tutor", "unknown": "Unknown speaker"}
Pieces = list[tuple[str, bool]]


@dataclass
class Line:
    """One turn or message on a page. ``pieces`` are parts of its text and whether each is marked."""

    speaker: str
    pieces: Pieces
    is_left: bool = True
    note: str = ""
    corrections: list[Correction] = field(default_factory=list)


def dialogue(turns: Sequence[Turn], corrections: Sequence[Correction] = ()) -> dict[str, Any]:
    """The lines of the first turns, what they leave out, and the corrections whose quote is in no line."""
    left = shown_parts.MAX_CHARACTERS - sum(map(shown_parts.size_of, corrections))
    texts, rest = shown_parts.first_of([turn.text for turn in turns], "turn", shown_parts.MAX_TURNS, left)
    shown = [replace(turn, text=text) for turn, text in zip(turns, texts, strict=False)]
    lines, others = lines_of(shown, corrections)
    return {"lines": lines, "rest": rest, "other_corrections": others}


def lines_of(turns: Sequence[Turn], corrections: Iterable[Correction]) -> tuple[list[Line], list[Correction]]:
    """The lines of a dialogue, and the corrections whose quote is in no turn."""
    found: dict[int, list[Correction]] = {}
    others = []
    indexes = _by_place(turns)
    for correction in corrections:
        index = _turn_of(correction, turns, indexes)
        if index is None:
            others.append(correction)
        else:
            found.setdefault(index, []).append(correction)
    lines = [
        Line(
            speaker=SPEAKERS[turn.speaker],
            pieces=pieces_of(turn.text, [correction.quote for correction in found.get(index, [])]),
            is_left=turn.speaker != "learner",
            corrections=found.get(index, []),
        )
        for index, turn in enumerate(turns)
    ]
    return lines, others


def _by_place(turns: Sequence[Turn]) -> dict[int | None, list[int]]:
    """The indexes of the turns at each place. The learner's come first."""
    found: dict[int | None, list[int]] = {}
    for index in sorted(range(len(turns)), key=lambda index: turns[index].speaker != "learner"):
        found.setdefault(turns[index].place, []).append(index)
    return found


def _turn_of(
    correction: Correction, turns: Sequence[Turn], indexes: Mapping[int | None, list[int]]
) -> int | None:
    """The index of the first turn at the correction's place with its quote."""
    at_place = indexes.get(correction.turn, ())
    return next((index for index in at_place if correction.quote in turns[index].text), None)


def pieces_of(text: str, quotes: Iterable[str]) -> Pieces:
    """The text in pieces: the first occurrence of each quote is marked. Marks that touch are one."""
    spans = sorted((start, start + len(quote)) for quote in quotes if (start := text.find(quote)) >= 0)
    pieces: Pieces = []
    end = 0
    for first, last in spans:
        if first > end or not pieces:
            pieces += [(text[end:first], False), (text[first:last], True)]
        elif last > end:
            pieces[-1] = (pieces[-1][0] + text[end:last], True)
        end = max(end, last)
    return [piece for piece in [*pieces, (text[end:], False)] if piece[0]]


def note_of(message: Message) -> str:
    """When a message was written, and whether it is as it was."""
    gone = "removed by staff" if message.removed_by_staff else "deleted"
    marks = {"edited": message.edited_at, gone: message.deleted_at}
    return ", ".join([instant(message.created_at), *(name for name, at in marks.items() if at)])


def instant(at: datetime) -> str:
    """A time in UTC, to the minute."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
