"""Forms of a text that are equal if the texts differ only in case, width, punctuation or accents."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from accounts.values.folding import IGNORABLE, PLAIN_LATIN, characters

# The time of NFKC is quadratic in the length of a run of combining marks, so a text is normalised in
# pieces. A piece ends before an ASCII character, which never composes with the text before it, or
# after 128 characters.
PIECE = re.compile(r".{64,128}?(?=[\x00-\x7f])|.{1,128}", re.DOTALL)
# Han and kana are written without blanks: each character is a word.
UNSPACED = re.compile("([\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
APOSTROPHES = "’‘ʼʻʹʽ`´ꞌʾʿ′׳"
ONE_APOSTROPHE = dict.fromkeys(map(ord, APOSTROPHES), "'")
LEVEL_PLUS = re.compile(r"(?<=\d)\+")  # "B2+"
# Arabic letters with several common spellings: Persian and Arabic yeh and kaf, teh marbuta, alef wasla.
PLAIN_ARABIC = {"ی": "ي", "ى": "ي", "ک": "ك", "ة": "ه", "ٱ": "ا"}
# Accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic, tatweel.
MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u0655\u0670"
BARE = str.maketrans({**dict.fromkeys(characters(MARKS)), **PLAIN_LATIN, "ə": "e", "ŋ": "n", **PLAIN_ARABIC})
INVISIBLE = {*characters(IGNORABLE), "\u20e3"}  # with the frame of keycap emoji


def folded(text: str) -> str:
    """``text`` in a form that ignores case, width and composition (NFKC, case-folded)."""
    return "".join(map(_folded, PIECE.findall(text)))


def _folded(piece: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", piece).casefold())


def normalized(text: str) -> str:
    """``text`` at NFKC, with its case."""
    return "".join(unicodedata.normalize("NFKC", piece) for piece in PIECE.findall(text))


def words(text: str) -> list[str]:
    """The words of ``text``, folded: without punctuation, emoji, flags and invisible characters.

    An apostrophe inside a word stays, as "'". "&" and "+" are the word "&". Each Han or kana
    character is a word.
    """
    plain = LEVEL_PLUS.sub(" ", apostrophes(folded(text)))
    kept = "".join(map(_sign, plain)).replace("&", " & ")
    parted = UNSPACED.sub(r" \1 ", kept).split()
    return [word for word in (part.strip("'") for part in parted) if word]


@lru_cache(maxsize=4096)
def _sign(sign: str) -> str:
    """What stands for one character of a folded text in ``words``: itself, "'", "&", a blank or nothing."""
    if sign in "'&+":
        return "&" if sign == "+" else sign
    category = unicodedata.category(sign)
    if sign in INVISIBLE or category == "Cf":
        return ""
    return " " if category[0] in "PSZC" else sign


def raw(text: str) -> str:
    """``text`` folded, with its punctuation, which distinguishes the languages "Kwa" and "Kwa'"."""
    return " ".join(apostrophes(folded(text)).split())


def apostrophes(text: str) -> str:
    """``text`` with one sign for all apostrophes."""
    return text.translate(ONE_APOSTROPHE)


def joined(parts: Sequence[str]) -> str:
    """``parts`` with blanks between them, except beside Han and kana."""
    text = " ".join(parts)
    if text.isascii():
        return text
    return re.sub(f" ?{UNSPACED.pattern} ?", r"\1", text)


def bare(text: str) -> str:
    """A folded ``text`` without accents, points and variants of letters."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", decomposed.translate(BARE))
