"""The texts of flashcards: which part of a quote is marked, and which right forms are the same."""

import pytest

from accounts.values.flashcards import MAX_COMPARED_WORDS, dedupe_key, marked, unmarked


@pytest.mark.parametrize(
    ("quote", "corrected", "front"),
    [
        ("Yo soy bien", "Estoy bien", "**Yo soy** bien"),
        ("I has a cats", "I have a cat", "I **has** a **cats**"),
        ("l’eau froid", "l'eau froide", "l’eau **froid**"),
        ("我是好", "我很好", "我**是**好"),
        ("Hola .", "Hola!", "Hola **.**"),
        ("Tengo veinte", "Tengo veinte años", "**Tengo veinte**"),  # only a word is missing
        (" Tengo veinte\n", "Tengo veinte años", " **Tengo veinte**\n"),
        ("a " * MAX_COMPARED_WORDS + "b", "c", "**" + "a " * MAX_COMPARED_WORDS + "b**"),
    ],
)
def test_the_mistake_is_marked(quote: str, corrected: str, front: str) -> None:
    assert marked(quote, corrected) == front
    assert unmarked(front) == quote


@pytest.mark.parametrize("text", ["2 ** 3 ** 4", "**", "****", "** a **"])
def test_asterisks_that_mark_nothing_stay(text: str) -> None:
    assert unmarked(text) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [("Estoy bien", "¡ESTOY  bien!"), ("l’eau", "l'eau"), ("‘Hola’", "hola"), ("a\nb", "a b")],
)
def test_case_punctuation_and_typography_make_no_other_form(one: str, other: str) -> None:
    assert dedupe_key(one) == dedupe_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("esta", "está"), ("resign", "re-sign"), ("!", "?"), ("ab", "a b")]
)
def test_accents_hyphens_and_words_make_another_form(one: str, other: str) -> None:
    assert dedupe_key(one) != dedupe_key(other)
