"""Blank texts, and texts that PostgreSQL can store."""

import sys
import time
import unicodedata

import pytest

from accounts.values.plain_text import is_blank, storable
from accounts.values.transcripts import turns_of
from tests.fixtures.blank_texts import BLANK, VISIBLE

# Unicode's Prepended_Concatenation_Mark, of the category of format characters: signs that are visible.
VISIBLE_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"


@pytest.mark.parametrize("text", ["", *BLANK], ids=ascii)
def test_text_without_a_visible_character_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", VISIBLE, ids=ascii)
def test_text_with_a_visible_character_is_not_blank(text: str) -> None:
    assert not is_blank(text)
    assert not is_blank(f"\u200b{text}\u3164")


def test_controls_separators_and_format_characters_are_invisible_and_no_letter_is() -> None:
    for character in map(chr, range(sys.maxunicode + 1)):
        category = unicodedata.category(character)
        if category in ("Cc", "Cf", "Zs", "Zl", "Zp") and character not in VISIBLE_FORMATS:
            assert is_blank(character), ascii(character)
        elif category in ("Lu", "Ll", "Lt", "Lm", "Mc", "Nd", "Sm", "Sc", "Po", "Pd"):
            assert not is_blank(character), ascii(character)


def test_long_invisible_text_is_recognised_in_linear_time() -> None:
    started = time.process_time()
    assert is_blank("\u200b" * 2_000_000)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("text", "stored"), [("a\x00b", "ab"), ("\ud800a", "a"), ("\udfff\x00", ""), ("😀❤️", "😀❤️")], ids=ascii
)
def test_nul_and_lone_surrogates_are_removed(text: str, stored: str) -> None:
    assert storable(text) == stored


@pytest.mark.parametrize("text", BLANK, ids=ascii)
def test_blank_turn_is_no_turn(text: str) -> None:
    messages = [
        {"role": "user", "text": "Hola"},
        {"role": "user", "text": text},
        {"role": "assistant", "text": text, "content": "¿Qué tal?"},
    ]
    assert [turn.text for turn in turns_of({"messages": messages})] == ["Hola", "¿Qué tal?"]


def test_invisible_characters_before_the_first_label_are_no_turn() -> None:
    turns = turns_of("\u200b\u3164\nEva: Hola\nTom: ¿Sí?\nEva: Bien")
    assert [turn.text for turn in turns] == ["Hola", "¿Sí?", "Bien"]
