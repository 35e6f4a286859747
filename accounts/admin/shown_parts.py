"""The part of long texts that a page shows, and how much it leaves out.

HTML writes a character in up to six bytes, and a turn in 500 more: a page stays below 1 MB.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import Correction

MAX_TURNS, MAX_CHARACTERS = 500, 70_000  # of a dialogue; the characters of its corrections are among them
MAX_FIELDS, MAX_FIELD_CHARACTERS = 100, 25_000  # of the labelled texts beside a dialogue
MAX_CORRECTIONS, MAX_CORRECTION_CHARACTERS = 200, 25_000


@dataclass(frozen=True)
class Rest:
    """What a page leaves out of ``count`` texts, called ``name`` ("turn")."""

    name: str
    count: int
    characters: int

    def __bool__(self) -> bool:
        return bool(self.count or self.characters)

    def __str__(self) -> str:
        counts = [(self.count, self.name), (self.characters, "character")]
        return " and ".join(f"{count:,} more {name}{'s'[count == 1 :]}" for count, name in counts if count)


def first_of(texts: Sequence[str], name: str, most: int, characters: int) -> tuple[list[str], Rest]:
    """The first ``most`` texts, up to ``characters`` in all: the last one is cut if it exceeds them."""
    shown: list[str] = []
    left = characters
    for text in texts[:most]:
        if left <= 0:
            break
        shown.append(text[:left])
        left -= len(text)
    characters_of_all = sum(map(len, texts))
    return shown, Rest(name, len(texts) - len(shown), characters_of_all - sum(map(len, shown)))


def first_fields(fields: Sequence[tuple[str, str]]) -> tuple[list[tuple[str, str]], Rest]:
    """Labels and texts; each label counts as a part of its text."""
    joined = [label + text for label, text in fields]
    shown, rest = first_of(joined, "text", MAX_FIELDS, MAX_FIELD_CHARACTERS)
    cut = [(label, both[len(label) :]) for (label, _), both in zip(fields, shown, strict=False)]
    if cut and fields[len(cut) - 1][1] and not cut[-1][1]:  # its label alone would say that it has no text
        cut.pop()
        rest = Rest(rest.name, rest.count + 1, rest.characters + len(shown[-1]))
    return cut, rest


def first_corrections(corrections: Iterable[Correction]) -> list[Correction]:
    """Those that fit into MAX_CORRECTION_CHARACTERS, whole."""
    shown, left = [], MAX_CORRECTION_CHARACTERS
    for correction in corrections:
        if (size := size_of(correction)) <= left:
            shown.append(correction)
            left -= size
    return shown


def size_of(correction: Correction) -> int:
    """The characters of its texts."""
    return len(correction.quote) + len(correction.corrected) + len(correction.explanation)
