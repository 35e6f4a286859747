"""The language of a text: a code or a name, with what people write beside it.

Understood beside a name: regions ("Mexican Spanish", "es-MX", "Español (México)"), levels ("B1", "beginner"),
scripts ("中文（简体）"), flags, words such as "language", and a second name of the same language
("Spanish / Español"). Any other word makes the text unknown: "French Creole" is not French.

Functions return a subtag of the index, "" for text that is only an addition, or None for anything else.
"""

import re
from collections.abc import Sequence

from accounts.values.languages import folding
from accounts.values.languages.index import Index, forms

MAX_WORDS = 32  # a longer text is a sentence
MAX_NAME_WORDS = 14  # Han characters are words
OPENING = "([{<「『〈《【〔"
CLOSING = ")]}>」』〉》】〕"
INVERTING = OPENING + ",،、"  # "Arabic, Egyptian", "Arabic (Egyptian)"
SEPARATOR = re.compile(
    f"([{re.escape(OPENING + CLOSING)},،、;؛:/|\\\\\n\t•=→»«–—―]|(?<=\\s)[-~]|[-~](?=\\s))"
)
LEVEL = re.compile(r"[abc][0-3]|[nk][1-5]|\d{1,3}")  # CEFR, JLPT; a number alone: "HSK 4", "B1.2"
TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
POSIX = re.compile(r"(?<=[-_][A-Z]{2})(\.[\w-]+)?(@\w+)?$")  # "es_ES.UTF-8", "de_DE@euro"
ELISION = re.compile(r"^([ld])'(?=.)")  # "l'italiano"
# What words may mean: a language, or "" for additions alone, with the number of words that are its names.
Readings = dict[str, int]


def subtag_of(text: str, index: Index) -> str | None:
    """The language that ``text``, at NFKC, names."""
    text = text.strip()
    if (raw := folding.raw(text)) in index.punctuated:
        return index.names.get(raw)
    words = folding.words(text)
    if not 0 < len(words) <= MAX_WORDS or (not _is_short(words) and index.has(index.withheld, words)):
        return None
    if (found := _whole(text, words, index)) or _is_short(words):
        return found
    return None if index.has(index.places, words) else _of_parts(text, index)  # "Latin America" is not Latin


def _whole(text: str, words: Sequence[str], index: Index) -> str | None:
    """The language if the whole of ``text``, with these words, is one code or name."""
    if _is_short(words):
        return _short(words[0], text, index)
    if found := index.name(words) or _tag(text, index):
        return found
    joined = "".join(words) if len(words) <= MAX_NAME_WORDS else ""
    return index.name([joined]) if len(joined) > 3 else None  # "N/A" is not the language "Na"


def _is_short(words: Sequence[str]) -> bool:
    """Whether the text is two or three letters, which may be a code."""
    return len(words) == 1 and re.fullmatch("[a-z]{2,3}", words[0]) is not None


def _short(word: str, written: str, index: Index) -> str | None:
    """The language of two or three letters, which may be a code, a name or an abbreviation.

    Case decides: "ASL" is an abbreviation, "asl" a code, "Mon" a name, although "mon" is a code.
    """
    letters = "".join(filter(str.isalpha, written))
    if letters.isupper() and word.upper() in index.abbreviations:
        return index.abbreviations[word.upper()] or None
    as_code, as_name = word if word in index.codes else None, index.name([word])
    if letters.islower() or letters.isupper():
        return as_code or as_name
    return as_name or (None if word in index.withheld else as_code)


def _tag(text: str, index: Index) -> str | None:
    """The language of a BCP 47 tag or a POSIX locale, if its script and its region exist."""
    text = POSIX.sub("", text)
    if not TAG.fullmatch(text):
        return None
    language, *rest = text.lower().replace("_", "-").split("-")
    if language not in index.codes:
        return None
    if rest and index.macrolanguages.get(rest[0]) == language:
        language = rest.pop(0)  # an extended language: "zh-yue"
    placed = False
    for kind in (index.scripts, index.regions):
        if rest and rest[0] in kind:
            placed = bool(rest.pop(0))
    # After a region, variants that are not registered are read too: "es-ES_tradnl".
    if not rest or len(rest[0]) == 1 or rest[0] in index.variants or (placed and len(rest[0]) > 4):
        return language
    return None


def _of_parts(text: str, index: Index) -> str | None:
    """The language of a text whose parts are names of it, or additions."""
    opener, parts = "", []
    for piece in SEPARATOR.split(text):
        if SEPARATOR.fullmatch(piece):
            opener = piece
        elif folding.words(piece):
            parts.append((opener, piece.strip()))
            opener = ""
    if len(parts) < 2:
        return (parts and _read(parts[0][1], index)) or None
    if parts[1][0] and parts[1][0] in INVERTING:
        turned = " ".join(part for _, part in [parts[1], parts[0], *parts[2:]])
        if found := index.name(folding.words(turned)):
            return found
    whole: str | None = ""
    for opener, part in parts:
        found = _part(part, opener, index)
        if found is None or (whole := _one_of(whole or "", found, index)) is None:
            return None
    return whole or None


def _part(part: str, opener: str, index: Index) -> str | None:
    """The language of one of several parts. In brackets, a region stays one even if it is also a name."""
    words, in_brackets = folding.words(part), opener != "" and opener in OPENING
    word = part.lower()
    is_region = len(word) == 2 and word in index.regions and opener != ""
    if word in index.scripts or (is_region and (in_brackets or word not in index.codes)):
        return ""
    if in_brackets and _read(part, index, names=False) == "":
        return ""
    return _whole(part, words, index) or _read(part, index, names=not _is_short(words))


def _read(part: str, index: Index, names: bool = True) -> str | None:
    """The language of names between additions. Without ``names``, every word has to be an addition.

    The name with the most words wins: "Swiss German" is not German with the addition "Swiss".
    """
    words = [piece for word in folding.words(part) for piece in ELISION.sub(r"\1 ", word).split()]
    regions = set() if part.isupper() else {code.lower() for code in re.findall(r"\b[A-Z]{2}\b", part)}
    readings: list[Readings] = [{"": 0}] + [{} for _ in words]  # readings[n] are of the first n words
    for start, so_far in enumerate(readings):
        for end in range(start + 1, min(len(words), start + MAX_NAME_WORDS) + 1 if so_far else 0):
            _extend(readings[end], so_far, words[start:end], index, regions & index.regions, names)
    named = {subtag: length for subtag, length in readings[-1].items() if subtag}
    longest = [subtag for subtag, length in named.items() if length == max(named.values())]
    if len(longest) == 1:
        return longest[0]
    return "" if "" in readings[-1] and not named else None


def _extend(
    reached: Readings, so_far: Readings, words: list[str], index: Index, regions: set[str], names: bool
) -> None:
    """Adds to ``reached`` the readings of ``so_far`` followed by ``words``, as an addition and as a name."""
    written = forms(words)
    found = index.find(written) if names else None
    is_word = not index.words.isdisjoint(written) or LEVEL.fullmatch(written[0]) or written[0] in regions
    if is_word or (not found and any(form in index.places for form in written)):
        for subtag, length in so_far.items():
            reached[subtag] = max(reached.get(subtag, 0), length)
    if found:
        for subtag, length in so_far.items():
            if (both := _one_of(subtag, found, index)) is not None:
                reached[both] = max(reached.get(both, 0), length + len(words))


def _one_of(first: str, second: str, index: Index) -> str | None:
    """The language that two subtags mean: the same one, or a macrolanguage and its member. None for two."""
    if not first or not second:
        return first or second
    if index.codes[first] == index.codes[second] or index.macrolanguages.get(first) == second:
        return first
    return second if index.macrolanguages.get(second) == first else None
