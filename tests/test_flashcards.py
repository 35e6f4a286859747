"""The texts of flashcards: which part of a quote is marked, and which right forms are the same."""

import time

import pytest

from accounts.values.card_files import as_html
from accounts.values.flashcards import MAX_COMPARED_WORDS, dedupe_key, makes_card, marked, unmarked


@pytest.mark.parametrize(
    ("quote", "corrected", "front"),
    [
        ("Yo soy bien", "Estoy bien", "**Yo soy** bien"),
        ("I has a cats", "I have a cat", "I **has** a **cats**"),
        ("l’eau froid", "l'eau froide", "l’eau **froid**"),
        ("我是好", "我很好", "我**是**好"),
        *(("ひはふ", "ひほふ", "ひ**は**ふ"), ("カハワ", "カホワ", "カ**ハ**ワ"), ("กขค", "กงค", "ก**ข**ค")),
        *(("ກຂຄ", "ກງຄ", "ກ**ຂ**ຄ"), ("កខគ", "កងគ", "ក**ខ**គ"), ("ကခဂ", "ကငဂ", "က**ခ**ဂ")),
        *(("год", "гид", "**год**"), ("가나", "가다", "**가나**"), ("a-b’c d", "a-b’d d", "**a-b’c** d")),
        ("Hola .", "Hola!", "Hola **.**"),
        ("Tengo veinte", "Tengo veinte años", "**Tengo veinte**"),  # only a word is missing
        (" Tengo veinte\n", "Tengo veinte años", " **Tengo veinte**\n"),
        ("a " * MAX_COMPARED_WORDS + "b", "c", "**" + "a " * MAX_COMPARED_WORDS + "b**"),
        ("a " * 200 + "c", "a b " * 100, "**" + "a " * 200 + "c**"),  # too repetitive to compare
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


def test_a_long_text_without_repetition_is_compared() -> None:
    words = " ".join(f"w{number}" for number in range(MAX_COMPARED_WORDS - 1))
    assert marked(f"{words} is", f"{words} are") == f"{words} **is**"


@pytest.mark.parametrize(
    ("text", "plain"), [("**a** b **c**", "a b c"), ("**a** ** b", "a ** b"), ("**a", "**a"), ("a**", "a**")]
)
def test_marks_are_removed_in_pairs(text: str, plain: str) -> None:
    assert unmarked(text) == plain


@pytest.mark.parametrize(
    ("quote", "corrected", "makes"),
    [("a", "b", True), ("a", " \n", False), (" ", "b", False), ("", "", False)],
)
def test_a_card_has_two_texts(quote: str, corrected: str, makes: bool) -> None:
    assert makes_card(quote, corrected) is makes


def test_texts_take_no_time_that_is_quadratic_in_their_length() -> None:
    began = time.process_time()
    unmarked("**a " * 2_500)
    as_html("**a " * 2_500)
    marked("a " * MAX_COMPARED_WORDS, "a b " * 200)
    marked("!" * MAX_COMPARED_WORDS, "!?" * 200)
    assert time.process_time() - began < 0.2
