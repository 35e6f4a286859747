"""Folding of texts, and codes of languages."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.values import languages

# Composed and decomposed accents, ligatures that fold to several letters, and plain letters.
SIGNS = st.sampled_from(["a", "é", "e\u0301", "ﷺ", "ß", "Ａ", "你", "๐", " ", "\n", "İ"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Spanish", "es"),
        (" ESPAÑOL ", "es"),
        ("es-MX", "es"),
        ("日本語", "ja"),
        ("Mandarin", "zh"),
        ("A language of the Moon", "a language of the moon"),
        ("", ""),
    ],
)
def test_every_spelling_of_a_language_has_one_code(text: str, code: str) -> None:
    assert languages.code_of(text) == code


@given(st.lists(SIGNS, max_size=400).map("".join))
def test_folding_in_pieces_equals_folding_the_whole_text(text: str) -> None:
    once = unicodedata.normalize("NFKC", text).casefold()
    assert languages.folded(text) == unicodedata.normalize("NFKC", once)


def test_composed_and_decomposed_texts_have_the_same_folding() -> None:
    decomposed = unicodedata.normalize("NFD", "Déjà vu à l'été, où ça? " * 100)
    assert languages.folded(decomposed) == languages.folded(unicodedata.normalize("NFC", decomposed))


@pytest.mark.parametrize("text", ["\u0f81" * 100_000, "e" + "\u0301\u0323" * 50_000, "ﷺ" * 20_000])
def test_runs_of_combining_marks_are_folded_within_a_second(text: str) -> None:
    began = time.perf_counter()
    languages.folded(text)
    languages.code_of(text)
    assert time.perf_counter() - began < 1
