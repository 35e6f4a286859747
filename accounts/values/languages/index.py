"""The names and codes of languages, read at the first look-up from ``data/``, which ``build.py`` writes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from accounts.values.languages import folding

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Index:
    names: dict[str, str]  # a folded name to its subtag, such as "mandarin" to "cmn"
    abbreviations: dict[str, str]  # of three capital letters, such as "ASL", to a subtag; "" for several
    codes: dict[str, str]  # a subtag to its code: "cmn" to "zh", "spa" to "es"
    macrolanguages: dict[str, str]  # a subtag to the subtag of its macrolanguage: "yue" to "zh"
    words: frozenset[str]  # folded words beside a name that do not change the language: "beginner"
    places: frozenset[str]  # folded names and adjectives of regions, and names of scripts
    punctuated: frozenset[str]  # names with their punctuation, where it tells two apart: "kwa'"
    withheld: frozenset[str]  # folded names of several languages: "creole"
    regions: frozenset[str]  # ISO 3166-1 and UN M.49 codes: "mx", "419"
    scripts: frozenset[str]  # ISO 15924 codes: "latn"
    variants: frozenset[str]  # registered variants of BCP 47: "valencia"

    def name(self, words: Sequence[str]) -> str | None:
        """The subtag of the language with this name, given as folded words."""
        return self.find(forms(words))

    def find(self, written: Sequence[str]) -> str | None:
        """The subtag of the language with one of these forms of a name."""
        return next((self.names[form] for form in written if form in self.names), None)

    def has(self, texts: frozenset[str], words: Sequence[str]) -> bool:
        """Whether the folded words are one of ``texts``."""
        return not texts.isdisjoint(forms(words))


def forms(words: Sequence[str]) -> tuple[str, ...]:
    """The forms under which folded words may stand in the index, the closest to what was typed first."""
    text = folding.joined(words)
    return (text,) if text.isascii() else (text, folding.bare(text))


def lines_of(name: str) -> Iterator[list[str]]:
    """The lines of a file in ``data/``, split at tabs, without comments and empty lines."""
    for line in (DATA / name).read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#"):
            yield line.split("\t")


@cache
def index() -> Index:
    """The index, read once for the process."""
    subtags = list(lines_of("codes.tsv"))
    return Index(
        names={name: subtag for subtag, *names in lines_of("names.tsv") for name in names},
        abbreviations={name: subtag for subtag, *names in lines_of("abbreviations.tsv") for name in names},
        codes={subtag: code for subtag, code, _ in subtags},
        macrolanguages={subtag: macrolanguage for subtag, _, macrolanguage in subtags if macrolanguage},
        **{kind: frozenset(texts) for kind, *texts in lines_of("sets.tsv")},
    )
