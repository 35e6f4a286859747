"""Text in the form that search compares: without case, accents, hyphens and typographic differences."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from accounts.values.folding import BLANK, DASH, PLAIN_LATIN, Fold

MAX_WORDS = 10
# Alef with hamza, madda or wasla; Persian yeh and kaf, which look like the Arabic letters.
PLAIN_ARABIC = dict(zip("أإآٱیک", "اااايك", strict=True))
REPLACED = str.maketrans({**PLAIN_LATIN, **PLAIN_ARABIC, "ŧ": "t"})
PUNCTUATION = "'.,;:!?¿¡…。、؟،؛()[]{}"  # around a word of a query, as people write and quote sentences
# Accents of Latin, Greek and Cyrillic; Hebrew accents and vowels; Arabic vowels and the tatweel. Marks of
# other scripts, such as Devanagari and Thai, are letters.
REMOVED = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u0652\u0670]"
)
HYPHENATED = re.compile(rf"(?<![^{DASH}\s])[^{DASH}\s]++(?:{DASH}[^{DASH}\s]++)+")


def searchable(texts: Iterable[str], longest: int | None = None) -> str:
    """The search text of a row: one line per non-empty text, converted by ``plain``.

    Each hyphenated word is there as several words, and once more as one word in the last line. Of the
    converted texts, the first ``longest`` characters count (U+FDFA becomes 18), so that the result has less
    than twice as many.
    """
    found = "\n".join(_plain(text) for text in texts if text)[:longest]
    joined = dict.fromkeys(word.replace(DASH, "") for word in HYPHENATED.findall(found))
    return "\n".join(filter(None, [found.replace(DASH, BLANK), BLANK.join(joined)]))


def words_of(query: str) -> list[str]:
    """The first MAX_WORDS words of a search, without the punctuation around them.

    A row matches if its search text contains each of them. Punctuation alone is a word. A word that another
    one contains is left out: it would cost a search, and change nothing.
    """
    # U+200C joins the parts of a Persian word, which is also written with a blank or without a sign.
    words = plain(query.replace("\x00", " ").replace("\u200c", " ")).split()[:MAX_WORDS]
    found = dict.fromkeys(word.strip(PUNCTUATION) or word for word in words)
    return [word for word in found if not any(word in other for other in found if other != word)]


def plain(text: str) -> str:
    """``text`` case-folded, without diacritics and typographic differences, and with blanks for hyphens."""
    return _plain(text).replace(DASH, BLANK)


def key(text: str) -> str:
    """The form in which whole texts are compared, such as tags: ``plain`` without blanks and hyphens."""
    return plain(text).replace(BLANK, "")


@lru_cache(maxsize=4096)
def _plain_letter(letter: str) -> str:
    """A letter with its marks, in the form that search compares. Digits of every script are 0 to 9."""
    bare = REMOVED.sub("", unicodedata.normalize("NFD", _composed(letter).translate(REPLACED)))
    folded = REMOVED.sub("", unicodedata.normalize("NFD", _composed(bare).casefold()))
    found = _composed(folded).translate(REPLACED)
    return str(unicodedata.decimal(found)) if len(found) == 1 and found.isdecimal() else found


def _composed(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


_plain = Fold(_plain_letter)
