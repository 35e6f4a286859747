"""Transcripts as dialogues: where corrections are marked."""

from __future__ import annotations

import pytest

from accounts.admin.dialogues import lines_of, pieces_of
from accounts.models import Correction
from accounts.values.transcripts import Turn


@pytest.mark.parametrize(
    ("text", "quotes", "marked"),
    [
        ("one two three", ["two"], "one [two] three"),
        ("one two three", ["three", "one"], "[one] two [three]"),
        ("one two three", ["one two", "two three"], "[one two three]"),
        ("one two three", ["one two three", "two"], "[one two three]"),
        ("one two three", ["one ", "two"], "[one two] three"),
        ("one one", ["one", "one"], "[one] one"),
        ("one two", ["four"], "one two"),
        ("one two", [], "one two"),
        ("", ["one"], ""),
        ("日本語です", ["本語"], "日[本語]です"),
    ],
)
def test_quotes_are_marked_in_the_text(text: str, quotes: list[str], marked: str) -> None:
    pieces = pieces_of(text, quotes)
    assert "".join(f"[{piece}]" if is_marked else piece for piece, is_marked in pieces) == marked
    assert "".join(piece for piece, _ in pieces) == text


def test_a_correction_is_beside_the_first_turn_of_the_learner_at_its_place() -> None:
    turns = [
        Turn("tutor", "a b", 0),
        Turn("learner", "a b", 0),
        Turn("learner", "a b", 1),
        Turn("tutor", "c", 2),
    ]
    corrections = [
        Correction(quote="a", turn=0),
        Correction(quote="b", turn=1),
        Correction(quote="c", turn=2),
        Correction(quote="a", turn=2),
        Correction(quote="a", turn=None),
    ]
    lines, others = lines_of(turns, corrections)
    assert [[correction.quote for correction in line.corrections] for line in lines] == [
        [],
        ["a"],
        ["b"],
        ["c"],
    ]
    assert others == corrections[3:]
    assert [line.is_left for line in lines] == [True, False, False, True]
