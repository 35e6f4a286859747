"""The turn and the quote of a comment, new or changed, and what of a long conversation is folded."""

from typing import Any

import pytest

from accounts.errors import InvalidInput
from accounts.models import Comment
from accounts.models.comments import MAX_COMMENT_CHARACTERS
from accounts.services.comment_places import Place, beginning, changed_place, found_place

SAID = {"messages": [{"role": "user", "text": text} for text in ("Hola, Ana", " ", "HOLA, Ana. Hola, Ana")]}


def place(turn: int | None = None, quote: str = "", corrected: str = "") -> Place:
    return Place(turn=turn, quote=quote, corrected=corrected)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (place(), place()),
        (place(turn=1), place(turn=1)),
        (place(quote="Hola"), place(0, "Hola")),
        (place(quote="Ana. Hola"), place(2, "Ana. Hola")),
        (place(quote="hola, ana"), place(0, "Hola, Ana")),
        (place(2, "hola, ana"), place(2, "HOLA, Ana")),
        (place(2, "Hola, Ana"), place(2, "Hola, Ana")),
        (place(0, corrected="Adiós"), place(0, "Hola, Ana", "Adiós")),
    ],
)
def test_a_quote_is_placed_in_the_first_turn_that_has_it(wanted: Place, found: Place) -> None:
    assert found_place(SAID, wanted) == found


@pytest.mark.parametrize(
    ("wanted", "field", "message"),
    [
        (place(3), "turn", "This conversation has the turns 0 to 2."),
        (place(quote="Eva"), "quote", "not in the text"),
        (place(1, "Hola"), "quote", "not in the text"),
        (place(corrected="Adiós"), "quote", "needs a quote, or a turn with a text"),
        (place(1, corrected="Adiós"), "quote", "needs a quote, or a turn with a text"),
        (place(0, "Hola", "“Hola”"), "corrected", "equals the quote"),
    ],
)
def test_a_place_that_does_not_exist_is_refused(wanted: Place, field: str, message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        found_place(SAID, wanted)
    [[name, [sentence]]] = refusal.value.errors.items()
    assert name == field and message in sentence


def test_a_whole_turn_is_quoted_up_to_the_length_of_a_comment() -> None:
    for more in (0, 1):
        text = "a" * (MAX_COMMENT_CHARACTERS + more)
        if more:
            with pytest.raises(InvalidInput, match=f"more than {MAX_COMMENT_CHARACTERS:,}"):
                found_place(text, place(0, corrected="b"))
        else:
            assert found_place(text, place(0, corrected="b")) == place(0, text, "b")


@pytest.mark.parametrize(
    ("fields", "changed"),
    [
        ({}, {}),
        ({"text": "other"}, {}),
        ({"corrected": "Adiós"}, {"corrected": "Adiós"}),
        ({"corrected": ""}, {"corrected": ""}),
        ({"quote": "Ana"}, {"quote": "Ana"}),  # stays in its turn, although turn 0 has it too
        ({"turn": 0}, {"turn": 0}),
        ({"turn": None}, {"turn": 0}),
        ({"quote": ""}, {"quote": "HOLA, Ana. Hola, Ana"}),
        ({"quote": "", "corrected": ""}, {"quote": "", "corrected": ""}),
    ],
)
def test_a_change_keeps_what_it_does_not_name(fields: dict[str, Any], changed: dict[str, Any]) -> None:
    stored = place(2, "Hola, Ana", "Hola, Eva")
    assert changed_place(SAID, Comment(**stored), fields) == {**stored, **changed}


@pytest.mark.parametrize(
    ("lengths", "folded"),
    [
        ([], []),
        ([20_000, 1], [20_000]),
        ([20_001], [20_000]),
        ([19_999, 5, 5], [19_999, 1]),
        ([9, 19_999], [9, 19_990]),  # a short text counts as ten characters
        ([0] * 3_000, [0] * 2_000),
    ],
)
def test_the_first_twenty_thousand_characters_are_folded(lengths: list[int], folded: list[int]) -> None:
    assert [len(text) for text in beginning(["a" * length for length in lengths])] == folded
