"""Texts without typographic differences: of quotation marks, dashes, blanks, width and invisible characters.

Accents stay. ``search_text`` and ``quotes`` build upon this fold. A name of a language has its own fold,
``languages/folding.py``: it also loses its punctuation.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
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
BLANK_RUN = f"[{BLANKS}][{BLANKS}{IGNORABLE}]*+"
RUN = (
    f"{BLANK_RUN}|[\\{DASHES}][\\{DASHES}{IGNORABLE}]*"
    f"|[{DOTS}][{IGNORABLE}]*(?:(?:{BLANK_RUN})?[{DOTS}][{IGNORABLE}]*)*"  # ". . ." is an ellipsis
)
MAX_MARKS = 64  # of one letter; the time of normalisation is quadratic in their number
MAX_REMEMBERED = 10_000  # characters


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
    A letter and a mark with a default-ignorable character between them are not composed.
    """
    return _typographic(text)


class Fold(dict[int, str]):
    """A fold of whole texts: ``convert`` is called once for each different letter, not for each character.

    ``convert`` gets a letter of ``letters``. The dictionary remembers its results for ``str.translate``.
    """

    def __init__(self, convert: Callable[[str], str]) -> None:
        super().__init__()
        self.convert = convert

    def __missing__(self, code: int) -> str:
        found = self.convert(_folded_letter(chr(code)))
        if len(self) < MAX_REMEMBERED:
            self[code] = found
        return found

    def __call__(self, text: str) -> str:
        """The converted letters of ``text``, joined."""
        parts, at = [], 0
        for found in _long_pieces().finditer(text):
            parts += [text[at : found.start()].translate(self), self.convert(_folded_piece(found))]
            at = found.end()
        return "".join([*parts, text[at:].translate(self)])


def letters(text: str) -> Iterator[Letter]:
    """The letters of ``typographic(text)``, with their places."""
    for found in _pieces().finditer(text):
        if folded := _folded_piece(found):
            yield Letter(folded, *found.span())


def _folded_piece(found: re.Match[str]) -> str:
    return _folded_run(found[0]) if found["run"] else _folded_letter(found[0])


@lru_cache(maxsize=1)
def _pieces() -> re.Pattern[str]:
    """The pattern of a run of blanks, dashes or full stops, or of a letter with its combining marks."""
    return re.compile(f"(?P<run>{RUN})|.[{_marks()}]{{0,{MAX_MARKS}}}", re.DOTALL)


@lru_cache(maxsize=1)
def _marks() -> str:
    """Combining marks and conjoining letters, as ranges of a character class: few ranges are fast."""
    marks = {code for code in range(0x300, 0x20000) if unicodedata.category(chr(code)).startswith("M")}
    firsts = (chr(code) for code in sorted(marks) if code - 1 not in marks)
    lasts = (chr(code) for code in sorted(marks) if code + 1 not in marks)
    ranges = (f"{first}-{last}" for first, last in zip(firsts, lasts, strict=True))
    return "".join(ranges) + "\u1160-\u11ff\uff9e\uff9f\U000e0100-\U000e01ef"


@lru_cache(maxsize=1)
def _long_pieces() -> re.Pattern[str]:
    """The pattern of the pieces of more than one character. The others have no effect on each other."""
    starts = f"{BLANKS}\\{DASHES}{DOTS}"
    return re.compile(
        f"(?P<run>(?=[{starts}][{starts}{IGNORABLE}])(?:{RUN}))"
        f"|[^{starts}](?=[^\\0-\u02ff])[{_marks()}]{{1,{MAX_MARKS}}}"  # most characters are below U+0300
    )


def _folded_run(run: str) -> str:
    folded = run.translate(TABLE)
    return ELLIPSIS if folded[0] == "." and len(folded) > 1 else folded[0]


@lru_cache(maxsize=4096)
def _folded_letter(letter: str) -> str:
    return unicodedata.normalize("NFC", letter.translate(TABLE))


_typographic = Fold(str)
