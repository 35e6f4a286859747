"""Forms of a text that are equal if the texts differ only in case, width, punctuation or accents."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

# The time of NFKC is quadratic in the length of a run of combining marks, so a text is normalised in
# pieces. A piece ends before an ASCII character, which never composes with the text before it, or
# after 128 characters.
PIECE = re.compile(r".{64,128}?(?=[\x00-\x7f])|.{1,128}", re.DOTALL)
# Han and kana are written without blanks: each character is a word.
UNSPACED = re.compile("([\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
APOSTROPHES = "’‘ʼʻʹʽ`´ꞌʾʿ′׳"
ONE_APOSTROPHE = dict.fromkeys(map(ord, APOSTROPHES), "'")
LEVEL_PLUS = re.compile(r"(?<=\d)\+")  # "B2+"
# Letters that NFD keeps although people write them without stroke, hook or ligature.
PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "ə": "e", "ŋ": "n"}
# Arabic letters with several common spellings: Persian and Arabic yeh and kaf, teh marbuta, alef wasla.
PLAIN |= {"ی": "ي", "ى": "ي", "ک": "ك", "ة": "ه", "ٱ": "ا"}
# Removed: accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic, tatweel.
MARKS = [(0x300, 0x36F), (0x591, 0x5C7), (0x610, 0x61A), (0x640, 0x640), (0x64B, 0x655), (0x670, 0x670)]
BARE: dict[int, str | None] = {ord(sign): plain for sign, plain in PLAIN.items()}
BARE |= {mark: None for first, last in MARKS for mark in range(first, last + 1)}
HANGUL_FILLERS = {"\u115f", "\u1160"}


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
    if "\ufe00" <= sign <= "\ufe0f" or sign == "\u20e3" or sign in HANGUL_FILLERS:
        return ""  # variation selectors and the frame of keycap emoji
    category = unicodedata.category(sign)
    if category == "Cf":
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
