"""Quotes of a text by a language model, which often writes other quotation marks, dashes and blanks."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache

from accounts.values.folding import APOSTROPHE, BLANK, ELLIPSIS, Letter, letters, typographic

ENDS = APOSTROPHE + BLANK + ELLIPSIS  # what a model adds around a quote


Form = Callable[[Sequence[Letter]], Sequence[Letter]]


class Source:
    """A text in which quotes are searched. It is folded at the first search that needs it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._places: dict[Form, tuple[str, dict[int, int], dict[int, int]]] = {}

    def find(self, wanted: str, form: Form) -> str | None:
        """The first part of the text that is ``wanted`` in this form, in its own letters, or None."""
        if form not in self._places:
            self._places[form] = _placed(form(self._letters))
        text, starts, ends = self._places[form]
        at = text.find(wanted) if wanted else -1
        while at >= 0:
            if at in starts and at + len(wanted) in ends:  # whole letters: "ß" is case-folded to two
                return self.text[starts[at] : ends[at + len(wanted)]]
            at = text.find(wanted, at + 1)
        return None

    @cached_property
    def _letters(self) -> list[Letter]:
        return list(letters(self.text))


def matched(quote: str, corrected: str, sources: Sequence[Source]) -> tuple[str, str] | None:
    """The correction of ``quote`` to ``corrected``, with the quote in the letters of one of ``sources``.

    Searches for the quote as it is, then by its typographic fold, then ignoring case, then ignoring
    blanks beside punctuation, then without quotation marks and ellipses around it, which are removed from
    ``corrected`` too. None if no source contains it, or if the correction changes nothing except typography.
    """
    if not (folded := typographic(quote).strip(BLANK)):
        return None
    found = next((quote for source in sources if quote in source.text), None)
    found = found or _found(folded, sources)
    if found is None and (bare := folded.strip(ENDS)) and (found := _found(bare, sources)):
        corrected = _without_ends(corrected)
    if found is None or is_same(found, corrected):
        return None
    return found, corrected


def is_same(text: str, other: str) -> bool:
    """Whether two texts differ only by typography, or the second one only adds quotation marks around it."""
    first, second = (_text(_spaced(list(letters(each)))) for each in (text, other))
    return second in (first, f"{APOSTROPHE}{first}{APOSTROPHE}")


def _found(folded: str, sources: Sequence[Source]) -> str | None:
    """The first part of a source with this fold; with this case and these blanks if there is one."""
    quote = list(letters(folded))
    for form in FORMS:
        wanted = _text(form(quote)).strip(BLANK)  # once, not for each of thousands of sources
        for source in sources:
            if found := source.find(wanted, form):
                return found
    return None


def _cased(folded: Sequence[Letter]) -> Sequence[Letter]:
    return folded


def _caseless(folded: Sequence[Letter]) -> Sequence[Letter]:
    return [letter._replace(text=_caseless_letter(letter.text)) for letter in folded]


@lru_cache(maxsize=4096)
def _caseless_letter(letter: str) -> str:
    """A letter in a form that ignores case. The Turkish i with and without a dot are one letter."""
    return typographic(letter.casefold()).replace("i\u0307", "i").replace("ı", "i")


def _spaced(folded: Sequence[Letter]) -> Sequence[Letter]:
    """The letters without blanks at the ends and beside punctuation: French writes "où ?" and "« a »"."""
    sides = [BLANK, *(letter.text for letter in folded), BLANK]
    near = zip(sides, folded, sides[2:], strict=False)
    return [
        each for left, each, right in near if each.text != BLANK or not (_is_sign(left) or _is_sign(right))
    ]


def _is_sign(text: str) -> bool:
    return text == BLANK or unicodedata.category(text[0])[0] in "PS"


def _caseless_and_spaced(folded: Sequence[Letter]) -> Sequence[Letter]:
    return _caseless(_spaced(folded))


FORMS: tuple[Form, ...] = (_cased, _caseless, _spaced, _caseless_and_spaced)


def _text(folded: Iterable[Letter]) -> str:
    return "".join(letter.text for letter in folded)


def _without_ends(text: str) -> str:
    """``text`` from its first to its last letter that is not one of ENDS."""
    kept = [letter for letter in letters(text) if letter.text not in ENDS]
    return text[kept[0].start : kept[-1].end] if kept else ""


def _placed(folded: Sequence[Letter]) -> tuple[str, dict[int, int], dict[int, int]]:
    """The text of the letters, and the places in the source of their starts and ends in this text."""
    starts, ends, at = {}, {}, 0
    for letter in folded:
        starts[at] = letter.start
        at += len(letter.text)
        ends[at] = letter.end
    return _text(folded), starts, ends
