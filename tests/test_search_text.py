"""The fold of searches: inputs that were met in use, and others of their kind."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.values import folding, search_text
from tests.fixtures.cases import rows_of

OTHERS = [
    ("I don`t", "don’t", True),
    ("« l’été »", "l'ete", True),
    ("E-Mail", "e mail", True),
    ("e mail", "e-mail", True),
    ("email", "e\u2011mail", True),
    ("state-of-the-art", "stateoftheart", True),
    ("well—known", "well-known", True),
    ("co\u200boperate", "coop\u00aderate", True),
    ("Ἀθῆναι", "αθηναι", True),
    ("ΟΔΟΣ", "οδός", True),
    ("йод", "ЙОД", True),
    ("Straße", "STRASSE", True),
    ("Łódź Ærø", "aero lodz", True),
    ("أحمد إلى آسيا", "احمد الى اسيا", True),
    ("كـــتاب", "كتاب", True),
    ("کتاب فارسی", "كتاب فارسي", True),
    ("בְּרֵאשִׁ֖ית", "בראשית", True),
    ("ｶﾞｲﾄﾞ", "ガイド", True),
    ("が", "か", False),
    ("ที่นี่", "ทีนี", False),
    ("ភាសាខ្មែរ", "ភាសា", True),
    ("ខ្មែរ", "ខមែរ", False),
    ("한국어", "한국", True),
    ("①½", "1", True),
    ("two words", "words two", True),
    ("two words", "words three", False),
    ("100%", "%%", False),
    *(("می خواهم", "می\u200cخواهم", True), ("میخواهم", "می\u200cخواهم", True), ("क्ष", "क्\u200cष", True)),
    *(("٢٠٢٤", "2024", True), ("2024", "۲۰۲۴", True), ("२०२४", "２０２４", True), ("๑๒", "12", True)),
    *(("hola mundo", '"hola mundo"', True), ("hola", "¿hola?", True), ("你好", "「你好」。", True)),
    *(("C++ or C#", "c++, c#", True), ("C", "c++", False), ("what", "???", False), ("what?", "?", True)),
    *(("ISPARTA", "ısparta", True), ("GROẞ", "gross", True), ("ﻣﺮﺣﺒﺎ", "مرحبا", True), ("ﾡ", "ㄱ", True)),
    *(("\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국", True), ("ภาษาไทย", "ไทย", True)),
]
CASES = [(stored, query, found == "1") for stored, query, found in rows_of("search.tsv")] + OTHERS


@pytest.mark.parametrize(("stored", "query", "found"), CASES)
def test_every_word_is_found_whatever_its_typography(stored: str, query: str, found: bool) -> None:
    text = search_text.searchable(["before", stored, "after"])
    assert all(word in text for word in search_text.words_of(query)) == found


def test_each_word_is_searched_once() -> None:
    assert search_text.words_of("row a Row! r brown w «brown» 世 世界") == ["a", "brown", "世界"]


def test_ten_words_are_searched() -> None:
    assert search_text.words_of("b c d e f g h i j k l m") == list("bcdefghijk")


@pytest.mark.parametrize("tag", ["real-time", "Real time", "REALTIME", "réal\u2011time", "real\xadtime"])
def test_spellings_of_a_tag_have_one_key(tag: str) -> None:
    assert search_text.key(tag) == "realtime"


@pytest.mark.parametrize(
    "text", ["e" + "\u0301\u0323" * 50_000, "ﷺ" * 5_000, "a-" * 9_000, "א\u05b8" * 9_000]
)
def test_long_texts_are_folded_within_a_second(text: str) -> None:
    began = time.process_time()
    search_text.searchable([text])
    assert time.process_time() - began < 1


PIECES = (
    " \t\xa0.…-—―abéßŁ가ㄱ你かｶカﾞ\u0301\u0327\u05b0\u093f\u1160\u11a8\u200b\u200d\ufe0f\U000e0100\U0001f600"
)


@given(st.text(st.one_of(st.sampled_from(PIECES), st.characters(exclude_categories=["Cs"]))))
def test_the_fold_of_a_whole_text_joins_its_folded_letters(text: str) -> None:
    assert folding.Fold(str.upper)(text) == "".join(letter.text.upper() for letter in folding.letters(text))


def test_the_fold_of_a_long_text_calls_python_once_for_each_different_letter() -> None:
    called: list[str] = []

    def convert(letter: str) -> str:
        called.append(letter)
        return letter

    folding.Fold(convert)("Ayer fui al mercado, y compré naranjas y queso " * 1_000)
    assert sorted(called) == sorted(set(called))
