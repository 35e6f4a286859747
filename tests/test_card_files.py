"""Cells and fields of exported cards."""

import csv
import io
from random import Random
from typing import Any
from uuid import UUID

import pytest

from accounts.values.card_files import IGNORED, ExportedCard, anki_lines, as_html, csv_lines, harmless

OWNER = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")


def card(**changes: Any) -> ExportedCard:
    fields = {"id": 1, "front": "a", "back": "b", "note": "", "language_code": "es", "state": "new"}
    return ExportedCard(**{**fields, "due_at": "2026-01-01T00:00:00Z", **changes})


@pytest.mark.parametrize(
    "cell",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "\u2212\u0031"),
        *(" =1", "\u00a0=1", "\u3000=1", "\ufeff=1", "\u200b=1", "\x00=1", "\u2028=1"),
        *("\uff1d1", "\uff0b1", "\uff0d1", "\uff201", " \uff1d1", "\ufe661", "\ufe621", "\ufe63x", "\ufe6bx"),
    ],
)
def test_a_cell_that_a_spreadsheet_runs_gets_an_apostrophe(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a\t@SUM(A1)", "a\t'@SUM(A1)"),
        ("a; +1;-1", "a;' +1;'-1"),
        ("a;\u200b\uff1d1", "a;'\u200b\uff1d1"),
        ("=1;=2", "'=1;'=2"),
        ("a;\ufe66b;\ufe63c", "a;'\ufe66b;'\ufe63c"),
        ("\t =1", "'\t' =1"),
        ("a\t\t=1", "a\t\t'=1"),
        ('a;"=1+1;b', "a;'\"=1+1;b"),
        ("a\n=1;b", "a\n'=1;b"),
        ("a\r\n- b", "a\r\n'- b"),
        ("\u00a1Hola! ;-) y; adi\u00f3s", "\u00a1Hola! ;-) y; adi\u00f3s"),
    ],
)
def test_a_formula_after_a_semicolon_or_tab_gets_an_apostrophe(cell: str, expected: str) -> None:
    assert harmless(cell) == expected


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_no_formula_escapes_from_a_cell_if_another_sign_separates_cells(delimiter: str) -> None:
    random = Random(1)
    for _ in range(3_000):
        text = "".join(random.choices("a=+-@;\t\n\r\"' \u200b\u00a0\x00\uff1d", k=8))
        lines = csv_lines([card(front=text, back=text)]).splitlines(keepends=True)
        for row in csv.reader(lines, delimiter=delimiter):
            assert not [each for each in row if each.lstrip(IGNORED).startswith(tuple("=+@"))], (text, row)


@pytest.mark.parametrize("cell", ["", "a", "a=1", "1-2", "¿Qué?", " a", "**=**", '"=1"', "'=1", "日本"])
def test_another_cell_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell


def test_csv_cells_are_quoted_where_needed() -> None:
    texts = {"front": 'say "sí", now', "back": "two\r\nlines\n", "note": "\t=1"}
    text = csv_lines([card(**texts), card()])
    assert text.endswith("\r\na,b,,es,new,2026-01-01T00:00:00Z\r\n")
    [first, _] = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert first[:3] == [texts["front"], texts["back"], "'\t'=1"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yo **soy** & <b>", "Yo <b>soy</b> &amp; &lt;b&gt;"),
        ("**a** b **c**", "<b>a</b> b <b>c</b>"),
        ("**two\nlines**", "<b>two<br>lines</b>"),
        ("a\r\nb\rc\n\nd\u2028e", "a<br>b<br>c<br><br>d<br>e"),
        ("2 ** 3 and ****", "2 ** 3 and ****"),
        ('"q"', '"q"'),
        ("[sound:https://x.example/a.mp3]", "&#91;sound:https://x.example/a.mp3]"),
        ("[LaTeX]x[/latex] [$]x[/$] [$$]", "&#91;LaTeX]x[/latex] &#91;$]x[/$] &#91;$$]"),
        ("[anki:tts lang=en_US]a[/anki:tts]", "&#91;anki:tts lang=en_US]a[/anki:tts]"),
        ("[sic] [a sound: b]", "[sic] [a sound: b]"),
    ],
)
def test_a_field_is_html(text: str, expected: str) -> None:
    assert as_html(text) == expected


def test_a_line_of_anki_has_a_guid_of_its_owner_and_quotes_where_needed() -> None:
    made = anki_lines([card(front='a\t"b"', note="why\nso", language_code="old norse")], OWNER)
    guid, rest = made.split("\t", 1)
    assert rest == '"a\t""b"""\tb<br><br>why<br>so\tlinguaflex linguaflex::old_norse\n'
    assert guid == anki_lines([card()], OWNER).split("\t")[0]
    others = [anki_lines([card()], UUID(int=1)), anki_lines([card(id=2)], OWNER)]
    assert guid not in [text.split("\t")[0] for text in others]
    assert anki_lines([card(language_code="")], OWNER).endswith("\tlinguaflex\n")
