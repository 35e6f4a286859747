"""The texts of flashcards that are made of corrections."""

import hashlib
import re
import unicodedata
from collections import Counter
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import groupby

from accounts.values.folding import APOSTROPHE, BLANK, DASH, typographic

MARK = "**"  # around a mistake, as Markdown marks strong text
# No blank is inside of the marks, as in Markdown: "2 ** 3" has none.
MARKED = re.compile(rf"{re.escape(MARK)}(?=\S)(.+?)(?<=\S){re.escape(MARK)}", re.DOTALL)
WHOLE = re.compile(r"\S(?:.*\S)?", re.DOTALL)  # a text without the blanks around it
WORDLESS = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")  # scripts without blanks
LAST_END = re.compile(rf".*\S{re.escape(MARK)}", re.DOTALL)  # up to the last end of a marked part
MAX_COMPARED_WORDS = 400
# Pairs of equal words in two texts. The time of a comparison is their number times that of the words.
MAX_EQUAL_PAIRS = 10_000


def dedupe_key(corrected: str) -> str:
    """The SHA-256, in hexadecimal, of a right form without case, punctuation and typographic differences.

    Accents stay: "esta" and "está" are two forms. Punctuation alone is a form of its own.
    """
    folded = typographic(corrected).lower()
    words = "".join(char if _kind(char) else BLANK for char in folded).split()
    bare = [word.strip(APOSTROPHE + DASH) for word in words]
    form = BLANK.join(filter(None, bare)) or folded.strip()
    return hashlib.sha256(form.encode()).hexdigest()


def marked(quote: str, corrected: str) -> str:
    """``quote`` with MARK around each part that ``corrected`` lacks or changes.

    If only words are missing in it, or it is too long to compare, all of it is marked.
    """
    places, other = _places(quote), _places(corrected)
    texts = [typographic(quote[start:end]) for start, end in places]
    others = [typographic(corrected[start:end]) for start, end in other]
    if _takes_long(texts, others):
        return _all_marked(quote)
    changes = SequenceMatcher(None, texts, others, autojunk=False).get_opcodes()
    parts, at = [], 0
    for kind, first, last, _, _ in changes:
        if kind in ("replace", "delete"):
            start, end = places[first][0], places[last - 1][1]
            parts += [quote[at:start], MARK, quote[start:end], MARK]
            at = end
    return "".join([*parts, quote[at:]]) if parts else _all_marked(quote)


def _all_marked(text: str) -> str:
    return WHOLE.sub(rf"{MARK}\g<0>{MARK}", text, count=1)


def makes_card(quote: str, corrected: str) -> bool:
    """Whether a correction becomes a card: neither of its texts is blank."""
    return bool(quote.strip() and corrected.strip())


def texts_of(quote: str, corrected: str, explanation: str) -> dict[str, str]:
    """The texts of the card of a correction, by the name of their column."""
    return {"front": marked(quote, corrected), "back": corrected, "note": explanation}


def unmarked(text: str) -> str:
    """``text`` without each pair of MARK around a part of it."""
    return with_marks_as(r"\1", text)


def with_marks_as(template: str, text: str) -> str:
    """``text`` with each marked part replaced by ``template``, in which ``\\1`` is the part.

    After the last end of a part, nothing is searched: each MARK there would be compared with the whole rest.
    """
    end = found.end() if (found := LAST_END.match(text)) else 0
    return MARKED.sub(template, text[:end]) + text[end:]


def _takes_long(texts: list[str], others: list[str]) -> bool:
    """Whether two lists of words are too long, or too repetitive, to compare."""
    counts = Counter(others)
    pairs = sum(counts[text] for text in texts)
    return max(len(texts), len(others)) > MAX_COMPARED_WORDS or pairs > MAX_EQUAL_PAIRS


def _places(text: str) -> list[tuple[int, int]]:
    """The start and the end of each word and each other sign. In some scripts, each character is a word."""
    found, at = [], 0
    for kind, group in groupby(text, key=_kind_or_sign):
        size = len(list(group))
        if kind == "word":
            found.append((at, at + size))
        elif kind != BLANK:
            found += [(place, place + 1) for place in range(at, at + size)]
        at += size
    return found


def _kind_or_sign(char: str) -> str:
    return BLANK if char.isspace() else _kind(char) or "sign"


@lru_cache(maxsize=4096)
def _kind(char: str) -> str:
    """``word`` for a character of a word, ``character`` for one that is a word; "" for signs and blanks."""
    if char in (APOSTROPHE, DASH, "’"):
        return "word"
    if char.isspace() or unicodedata.category(char)[0] in "PSZC":
        return ""
    return "character" if unicodedata.name(char, "").startswith(WORDLESS) else "word"
