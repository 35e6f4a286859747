"""Texts without typographic differences: of quotation marks, dashes, blanks, width and invisible characters.

Accents stay. ``search_text`` and ``quotes`` build upon this fold. A name of a language has its own fold,
``languages/folding.py``: it also loses its punctuation.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

APOSTROPHE, DASH, BLANK, ELLIPSIS = "'", "-", " ", "…"
# Unicode's Quotation_Mark, apostrophes and primes, and letters that are typed as apostrophes.
QUOTATION_MARKS = "\"'`´«»ʹʺʻʼʽˈ՚׳״‘’‚‛“”„‟′″‴‵‶‷‹›❛❜❝❞⹂「」『』〈〉《》〝〞〟Ꞌꞌ﹁﹂﹃﹄＂＇｀｢｣"
# Unicode's Dash without the wave dash, which Japanese writes for "from ... to".
DASHES = "-֊־‐‑‒–—―⁃−⸺⸻﹘﹣－"
DOTS = ".．。｡‥…⋯"
BLANKS = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000"
# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt).
IGNORABLE = (
    "\xad\u034f\u061c\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
# Ligatures and digraphs, Thai and Lao vowels of two signs, radicals, Hebrew and Arabic presentation forms,
# and characters of another width.
FORMS = (
    "\u0132-\u0133\u01c4-\u01cc\u01f1-\u01f3\u0e33\u0eb3\u2f00-\u2fd5\ufb00-\ufb06\ufb13-\ufb17\ufb20-\ufb29"
    "\ufb4f-\ufbb1\ufbd3-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdfb\ufe70-\ufefc\uff01-\uffee"
)
# Letters with a stroke, and ligatures. Unicode decomposition does not change them.
PLAIN_LATIN = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"}
MAX_MARKS = 64  # of one letter; the time of normalisation is quadratic in their number


class Letter(NamedTuple):
    """A folded letter, and its place in the source: ``source[start:end]``."""

    text: str
    start: int
    end: int


def characters(ranges: str) -> Iterator[str]:
    """The characters of "a-cx": a, b, c and x."""
    at = 0
    while at < len(ranges):
        last = at + 2 if ranges[at + 1 : at + 2] == "-" and ranges[at + 2 : at + 3] > ranges[at] else at
        yield from map(chr, range(ord(ranges[at]), ord(ranges[last]) + 1))
        at = last + 1


def table() -> dict[int, str]:
    """The replacement of each character that the fold replaces, for ``str.translate``."""
    forms = {ord(form): unicodedata.normalize("NFKC", form) for form in characters(FORMS)}
    del forms[ord("￣")]  # a blank with an accent, in NFKC
    for replacement, replaced in ((APOSTROPHE, QUOTATION_MARKS), (DASH, DASHES)):
        forms |= {ord(character): replacement for character in replaced}
    forms |= {ord(character): BLANK for character in characters(BLANKS)}
    forms |= {ord(character): ELLIPSIS if character in "‥…⋯" else "." for character in DOTS}
    forms |= {ord("〜"): "~", ord("ـ"): ""}  # the tatweel lengthens an Arabic word
    return forms | {ord(character): "" for character in characters(IGNORABLE)}


TABLE = table()


def typographic(text: str) -> str:
    """``text`` in NFC, with one form of each quotation mark, dash, ellipsis and blank, in one width.

    Default-ignorable characters are removed. Runs of dashes, of full stops and of blanks are one character.
    """
    return "".join(letter.text for letter in letters(text))


def letters(text: str) -> Iterator[Letter]:
    """The letters of ``typographic(text)``, with their places."""
    for found in _pieces().finditer(text):
        piece = found[0]
        if folded := _folded_run(piece) if found["run"] else _folded_letter(piece):
            yield Letter(folded, *found.span())


@lru_cache(maxsize=1)
def _pieces() -> re.Pattern[str]:
    """The pattern of a run of blanks, dashes or full stops, or of a letter with its combining marks."""
    marks = (chr(code) for code in range(0x300, 0x20000) if unicodedata.category(chr(code)).startswith("M"))
    joined = "".join(marks) + "\u1160-\u11ff\uff9e\uff9f\U000e0100-\U000e01ef"
    runs = "|".join(f"[{kind}][{kind}{IGNORABLE}]*" for kind in (BLANKS, f"\\{DASHES}"))
    runs += f"|[{DOTS}][{IGNORABLE}]*(?:[{BLANKS}]?[{DOTS}][{IGNORABLE}]*)*"  # ". . ." is an ellipsis
    return re.compile(f"(?P<run>{runs})|.[{joined}]{{0,{MAX_MARKS}}}", re.DOTALL)


def _folded_run(run: str) -> str:
    folded = run.translate(TABLE)
    return ELLIPSIS if folded[0] == "." and len(folded) > 1 else folded[0]


@lru_cache(maxsize=4096)
def _folded_letter(letter: str) -> str:
    return unicodedata.normalize("NFC", letter.translate(TABLE))
