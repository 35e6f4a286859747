"""Quotes of a text by a language model, which often writes other quotation marks, dashes and blanks."""

from collections.abc import Sequence
from functools import cached_property, lru_cache

from accounts.values.folding import APOSTROPHE, BLANK, ELLIPSIS, Letter, letters, typographic

ENDS = APOSTROPHE + BLANK + ELLIPSIS  # what a model adds around a quote


class Source:
    """A text in which quotes are searched. It is folded at the first search that needs it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def find(self, folded: str, *, case: bool) -> str | None:
        """The first part of the text whose fold is ``folded``, in its own letters; None if there is none."""
        places = self._folded if case else self._caseless
        text, starts, ends = places
        at = text.find(folded)
        while at >= 0:
            if at in starts and at + len(folded) in ends:  # whole letters: "ß" is case-folded to two
                return self.text[starts[at] : ends[at + len(folded)]]
            at = text.find(folded, at + 1)
        return None

    @cached_property
    def _letters(self) -> list[Letter]:
        return list(letters(self.text))

    @cached_property
    def _folded(self) -> tuple[str, dict[int, int], dict[int, int]]:
        return _placed(self._letters)

    @cached_property
    def _caseless(self) -> tuple[str, dict[int, int], dict[int, int]]:
        return _placed([letter._replace(text=_caseless_letter(letter.text)) for letter in self._letters])


def matched(quote: str, corrected: str, sources: Sequence[Source]) -> tuple[str, str] | None:
    """The correction of ``quote`` to ``corrected``, with the quote in the letters of one of ``sources``.

    Searches for the quote as it is, then by its typographic fold, then ignoring case, then without
    quotation marks and ellipses around it, which are removed from ``corrected`` too. None if no source
    contains it, or if the correction changes nothing except typography.
    """
    if not (folded := typographic(quote).strip(BLANK)):
        return None
    found = next((quote for source in sources if quote in source.text), None)
    found = found or _found(folded, sources)
    if found is None and (bare := folded.strip(ENDS)) and (found := _found(bare, sources)):
        corrected = _without_ends(corrected)
    if found is None or typographic(found) == typographic(corrected).strip(BLANK):
        return None
    return found, corrected


def caseless(folded: str) -> str:
    """A folded text in a form that ignores case."""
    return typographic(folded.casefold())


_caseless_letter = lru_cache(maxsize=4096)(caseless)


def _found(folded: str, sources: Sequence[Source]) -> str | None:
    """The first part of a source with this fold; with this case if there is one."""
    for case, wanted in ((True, folded), (False, caseless(folded))):
        for source in sources:
            if found := source.find(wanted, case=case):
                return found
    return None


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
    return "".join(letter.text for letter in folded), starts, ends
