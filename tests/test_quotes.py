"""Corrections whose quote differs from the learner's words by typography."""

import time
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from accounts.values import folding, quotes
from tests.fixtures.cases import rows_of

SAID = "L’eau est «\xa0froide\u202f» — n’est-ce pas\u202f? Je dors… Straße, ｶﾞｲﾄﾞ, caf\u00ade\u0301, ﬁn, 한국 é"


def matched(said: str, quote: str, corrected: str = "another") -> tuple[str, str] | None:
    return quotes.matched(quote, corrected, [quotes.Source("other words"), quotes.Source(said)])


@pytest.mark.parametrize(("said", "quote", "stored"), rows_of("quotes.tsv"))
def test_a_quote_is_stored_in_the_learners_letters(said: str, quote: str, stored: str) -> None:
    assert matched(said, quote) == (None if stored == "-" else (stored, "another"))


@pytest.mark.parametrize(
    ("quote", "stored"),
    [
        ("l'eau", "L’eau"),
        ("L`eau", "L’eau"),
        ('"froide"', "«\xa0froide\u202f»"),
        ("est « froide »", "est «\xa0froide\u202f»"),
        ('est "froide"', "est «\xa0froide\u202f»"),
        ("froide»—n'est-ce pas?", "froide\u202f» — n’est-ce pas\u202f?"),
        ("Pas?", "pas\u202f?"),
        ("Je dors . . .", "Je dors…"),
        ('est " froide "', "est «\xa0froide\u202f»"),
        ("« froide » - n'est\u2011ce", "«\xa0froide\u202f» — n’est-ce"),
        ("pas   ?", "pas\u202f?"),
        ("Je dors...", "Je dors…"),
        ("...Je dors......", "Je dors"),
        ("“... est …”", "est"),
        ("„straße‟", "Straße"),
        ("STRASSE", "Straße"),
        ("ガイド", "ｶﾞｲﾄﾞ"),
        ("café", "caf\u00ade\u0301"),
        ("cafe\u0301", "caf\u00ade\u0301"),
        ("f\u200bin", "ﬁn"),
        (unicodedata.normalize("NFD", "한국 é"), "한국 é"),
        ("eau\ufeff est", "eau est"),
        ("cafe", None),
        ("leau", None),
        ("nestce", None),
        ("in", None),
        ("dor.", None),
        ("“”", None),
        ("\u200b", None),
        ("", None),
    ],
)
def test_a_quote_is_found_if_it_differs_by_typography_and_case(quote: str, stored: str | None) -> None:
    assert matched(SAID, quote) == (stored and (stored, "another"))


@pytest.mark.parametrize(
    ("said", "quote"),
    [
        *(
            ("我很好。", "我很好."),
            ("〈行く〉", "「行く」"),
            ("《书》", '"书"'),
            ("三〜五", "三～五"),
            ("น้ำ", "น้\u0e4dา"),
        ),
        *(
            ("ﻣﺮﺣﺒﺎ", "مرحبا"),
            ("مرحبـــا", "مرحبا"),
            ("ﷲ", "الله"),
            ("ﬡב", "אב"),
            ("ĳs", "ijs"),
            ("ǆ", "dž"),
            ("⼈", "人"),
        ),
        *(("İSTANBUL", "istanbul"), ("ISPARTA", "ısparta"), ("wait. . .", "wait…"), ("10 %", "10%")),
    ],
)
def test_a_quote_is_found_in_other_signs_of_its_script(said: str, quote: str) -> None:
    assert matched(f"x {said} y", quote) == (said, "another")
    assert said[0] in "İI" or matched(said, said, quote) is None


def test_the_first_of_several_places_is_quoted() -> None:
    assert matched("L’eau et l´eau et l‘eau", "l`eau") == ("l´eau", "another")
    assert matched("ßs’ s’ s´", "s`") == ("s’", "another")  # the second half of ß is no letter
    assert matched("sß", "SS") == ("ß", "another")


def test_letters_and_digits_of_ascii_have_no_other_form() -> None:
    plain = "".join(map(chr, range(0x21, 0x7F))).translate(dict.fromkeys(map(ord, "\"'`-.")))
    assert folding.typographic(plain) == plain


def test_a_quote_in_the_right_case_is_preferred() -> None:
    assert matched("Él dijo: el\xa0año", "el año") == ("el\xa0año", "another")
    assert matched("EL\xa0AÑO, el\xa0año", "el año") == ("el\xa0año", "another")


@pytest.mark.parametrize(
    ("quote", "corrected"),
    [
        ("don’t", "don't"),
        ("don't", "don’t"),
        ("o\xf9\xa0?", "où ?"),
        ("cafe\u0301", "café"),
        ("n’est-ce", "n'est‐ce"),
        ("dors…", "dors..."),
        ("me\u200bsa", "mesa"),
        ("“esta”", "“esta”"),
        ("“esta”", "esta"),
        ("yo  soy", "yo soy"),
        ("ＡＢ", "AB"),
        ("a « b »", "a “ b ”"),
        ("a « b »", "a “b”"),
        ("o\xf9\xa0?", "où?"),
        ("esta", "“esta”"),
    ],
)
def test_a_correction_of_typography_alone_is_dropped(quote: str, corrected: str) -> None:
    said = "don’t o\xf9\xa0? cafe\u0301 n’est-ce dors… mesa esta yo  soy ＡＢ a « b »"
    assert matched(said, quote, corrected) is None


@pytest.mark.parametrize(
    ("quote", "corrected"),
    [
        ("esta", "está"),
        ("yo", "Yo"),
        ("dont", "don't"),
        ("well known", "well-known"),
        ("bien", "bien."),
        ("ss", "ß"),
        ("dogs", "dogs'"),
        ("cause", "'cause"),
    ],
)
def test_a_correction_of_letters_case_or_accents_is_kept(quote: str, corrected: str) -> None:
    assert matched("esta yo dont well known bien ss dogs cause", quote, corrected) == (quote, corrected)


def test_quotation_marks_around_quote_and_correction_are_removed_together() -> None:
    assert matched("Yo soy bien", "“Yo soy bien”", "“Yo estoy bien…”") == ("Yo soy bien", "Yo estoy bien")
    assert matched("Di «hola»", "«hola»", "«Hola»") == ("«hola»", "«Hola»")
    assert matched("hola", "“hola”", "“”") == ("hola", "")


SIGNS = st.sampled_from(
    ["a", "A", "é", "e\u0301", "ß", "’", "'", "-", "—", ".", "…", " ", "\n", "\xad", "ｶ", "ﾞ", "ﬁ"]
)


@given(st.lists(SIGNS, max_size=30).map("".join), st.integers(0, 30), st.integers(1, 30))
def test_every_part_of_a_text_is_found_as_it_is(said: str, start: int, length: int) -> None:
    part = said[start : start + length].strip()
    wanted = (part, "another") if folding.typographic(part).strip() else None
    assert matched(said, part) == wanted


@given(st.lists(SIGNS, max_size=30).map("".join))
def test_the_fold_of_a_text_is_found_in_the_text(said: str) -> None:
    assume("\xadﾞ" not in said)  # an invisible character separates a letter from its mark
    folded = folding.typographic(said)
    assert folding.typographic(folded) == folded
    found = matched(said, folded.strip())
    assert (found is not None) == bool(folded.strip())
    assert found is None or folding.typographic(found[0]).strip() == folded.strip()


@pytest.mark.parametrize("invisible", ["\xad", "\u200b", "\U000e0041", "\U000e0100"])
def test_invisible_characters_do_not_interrupt_a_run_of_blanks(invisible: str) -> None:
    assert folding.typographic(f"a {invisible} b") == "a b"


@pytest.mark.parametrize("said", ["e" + "\u0301\u0323" * 50_000, "“ß” " * 2_500, "ﷺ" * 2_500, "." * 100_000])
def test_a_long_text_is_searched_within_a_second(said: str) -> None:
    began = time.process_time()
    for quote in ("s", "“x”", "... s", "e\u0301"):
        matched(said, quote)
    assert time.process_time() - began < 1


def test_a_long_quote_is_searched_in_many_texts_within_a_second() -> None:
    sources = [quotes.Source("hola que tal amigo") for _ in range(1_000)]
    began = time.process_time()
    assert quotes.matched("“nunca” " * 200, "x", sources) is None
    assert time.process_time() - began < 1
