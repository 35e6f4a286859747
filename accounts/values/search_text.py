"""Text in the form that search compares: without case, accents and character width."""

import unicodedata
from collections.abc import Iterable

from accounts.values import languages

MAX_WORDS = 10
# Letters with a stroke, and ligatures. Unicode decomposition does not change them.
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"})


def searchable(texts: Iterable[str]) -> str:
    """The search text of a row: one line per non-empty text, converted by ``plain``."""
    return "\n".join(plain(text) for text in texts if text)


def words_of(query: str) -> list[str]:
    """The first MAX_WORDS words of a search. A row matches if its search text contains each of them."""
    return plain(query.replace("\x00", " ")).split()[:MAX_WORDS]


def plain(text: str) -> str:
    """``text`` case-folded and without diacritics.

    Combining marks of Latin, Greek and Cyrillic are removed. In other scripts they are letters.
    """
    decomposed = unicodedata.normalize("NFD", languages.folded(text))
    kept = "".join(mark for mark in decomposed if not "\u0300" <= mark <= "\u036f")
    return unicodedata.normalize("NFC", kept).translate(PLAIN)
