"""The names and codes of languages, read at the first look-up from ``data/``, which ``build.py`` writes."""

import mmap
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from accounts.values.languages import folding

DATA = Path(__file__).parent / "data"


class SortedFile(Container[str]):
    """The keys of a large file with sorted lines ``key<TAB>value``, searched in the file itself.

    Processes share the file's pages, where dicts of 100,000 texts would take 20 MB in each of them.
    """

    def __init__(self, name: str) -> None:
        with (DATA / name).open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._first = self._data.find(b"\n") + 1  # after the comment

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def get(self, key: str) -> str | None:
        """The value of ``key``, by binary search; None if no line has the key."""
        wanted = key.encode()
        low, high = self._first, len(self._data)  # both are starts of lines
        while low < high:
            start = self._data.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = self._data.find(b"\n", start)
            found, _, value = self._data[start:end].partition(b"\t")
            if found == wanted:
                return value.decode()
            low, high = (end + 1, high) if found < wanted else (low, start)
        return None


@dataclass(frozen=True)
class Index:
    names: SortedFile  # a folded name to its subtag, such as "mandarin" to "cmn"
    abbreviations: dict[str, str]  # of three capital letters, such as "ASL", to a subtag; "" for several
    codes: dict[str, str]  # a subtag to its code: "cmn" to "zh", "spa" to "es"
    macrolanguages: dict[str, str]  # a subtag to the subtag of its macrolanguage: "yue" to "zh"
    words: frozenset[str]  # folded words beside a name that do not change the language: "beginner"
    places: SortedFile  # folded names and adjectives of regions, and names of scripts
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
        return next(filter(None, map(self.names.get, written)), None)

    def has(self, texts: Container[str], words: Sequence[str]) -> bool:
        """Whether the folded words are one of ``texts``."""
        return any(form in texts for form in forms(words))


def forms(words: Sequence[str]) -> tuple[str, ...]:
    """The forms under which folded words may stand in the index, the closest to what was typed first."""
    text = folding.joined(words)
    return (text,) if text.isascii() else (text, folding.bare(text))


def lines_of(name: str) -> Iterator[list[str]]:
    """The lines of a file in ``data/``, split at tabs, without comments and empty lines."""
    with (DATA / name).open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if line != "\n" and not line.startswith("#"):
                yield line.removesuffix("\n").split("\t")


@cache
def index() -> Index:
    """The index, read once for the process."""
    subtags = list(lines_of("codes.tsv"))
    return Index(
        names=SortedFile("names.tsv"),
        places=SortedFile("places.tsv"),
        abbreviations={name: subtag for subtag, *names in lines_of("abbreviations.tsv") for name in names},
        codes={subtag: code for subtag, code, _ in subtags},
        macrolanguages={subtag: macrolanguage for subtag, _, macrolanguage in subtags if macrolanguage},
        **{kind: frozenset(texts) for kind, *texts in lines_of("sets.tsv")},
    )
