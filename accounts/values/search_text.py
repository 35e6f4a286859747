"""Text as search compares it: without regard to case, accents or the width of characters."""

import unicodedata
from collections.abc import Iterable

from accounts.values import languages

MOST_WORDS = 10
# Letters with a stroke or joined letters, which no decomposition takes apart.
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"})


def searchable(texts: Iterable[str]) -> str:
    """These texts, a line each, as ``words_of`` compares them."""
    return "\n".join(plain(text) for text in texts if text)


def words_of(query: str) -> list[str]:
    """The words to look for: a row is found when each of them is part of it."""
    return plain(query.replace("\x00", " ")).split()[:MOST_WORDS]


def plain(text: str) -> str:
    """``text`` case-folded and without diacritics.

    Only the combining marks of Latin, Greek and Cyrillic go: in other scripts they are letters.
    """
    decomposed = unicodedata.normalize("NFD", languages.folded(text))
    kept = "".join(mark for mark in decomposed if not "\u0300" <= mark <= "\u036f")
    return unicodedata.normalize("NFC", kept).translate(PLAIN)
