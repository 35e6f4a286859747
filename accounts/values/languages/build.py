"""Writes the index, ``names.tsv``, ``places.tsv``, ``codes.tsv`` and ``sets.tsv`` in ``data/``.

    python -m accounts.values.languages.build

Run it after a change of the hand-written files in ``data/``, or of the packages langcodes and
language_data, which only this needs (requirements/test.txt).

A name that several languages share belongs to the first of: our own list, English, the language's own
name for itself, any other language; there, to the language with the most speakers.
"""

import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

from language_data.language_lists import CLDR_LANGUAGES
from language_data.name_data import CODE_TO_NAMES
from language_data.util import data_filename

from accounts.values.languages import folding
from accounts.values.languages.index import DATA, forms, lines_of
from accounts.values.languages.sources import (
    AUTONYM,
    DERIVED,
    ENGLISH,
    NONE,
    OTHER,
    OWN,
    REGISTRY,
    RETIRED,
    Name,
    all_names,
    codes,
    registry,
    speakers,
    subtag_in,
)

HEADER = (
    "# Written by accounts/values/languages/build.py from own_*.tsv, Unicode CLDR (© Unicode, Inc.,"
    " Unicode License v3), the IANA registry and Wiktionary (CC BY-SA).\n"
)
SCRIPTS = ("Hans", "Hant", "Hani", "Latn", "Cyrl", "Arab", "Deva", "Guru")  # named beside a language
MANY_TIMES = 10  # "Irish English": English has many times the speakers of Irish
# Within a group, the name that is closer to what was typed wins: "Voro" is not "Võro".
GROUPS = {OWN: 0, ENGLISH: 1, REGISTRY: 1, RETIRED: 2, AUTONYM: 3, OTHER: 4, DERIVED: 5}
NO_APOSTROPHES, NO_BLANKS = 3, 4  # distances of forms that give way to all closer ones


def main() -> None:
    for name, lines in contents().items():
        text = HEADER + "".join(f"{line}\n" for line in lines)
        (DATA / name).write_text(text, encoding="utf-8")


def contents() -> dict[str, list[str]]:
    """The lines of each file."""
    everything = all_names()
    names = assigned(everything)
    punctuated = told_apart_by_punctuation(everything, names)
    names |= punctuated
    words, places = additions(names)
    sets = {
        "words": words,
        "punctuated": set(punctuated),
        "withheld": {key for key, subtag in names.items() if subtag == NONE},
        "regions": {tag.lower() for tag in CODE_TO_NAMES if is_region(tag)} | subtags("region"),
        "scripts": subtags("script"),
        "variants": subtags("variant"),
    }
    macrolanguages = {
        entry["Subtag"]: entry["Macrolanguage"] for entry in registry() if "Macrolanguage" in entry
    }
    return {
        # Sorted as bytes, for SortedFile.
        "names.tsv": sorted(f"{key}\t{subtag}" for key, subtag in names.items() if subtag != NONE),
        "places.tsv": sorted(places),
        "codes.tsv": ["\t".join([*pair, macrolanguages.get(pair[0], "")]) for pair in codes().items()],
        "sets.tsv": ["\t".join([kind, *sorted(members)]) for kind, members in sets.items()],
    }


def subtags(kind: str) -> set[str]:
    """The registry's subtags of a kind, without ranges such as "Qaaa..Qabx"."""
    return {
        entry["Subtag"].lower()
        for entry in registry()
        if entry["Type"] == kind and "." not in entry["Subtag"]
    }


def assigned(everything: Iterable[Name]) -> dict[str, str]:
    """Every form of every name, with the subtag of the language that it belongs to."""
    claims: dict[str, list[tuple[tuple[int, ...], str]]] = defaultdict(list)
    for order, name in enumerate(everything):
        for distance, key in forms_of(name):
            if name.rank >= OTHER and key in place_names():
                continue  # "italia" is Finnish for Italian; for others, it is the country
            given_way = distance >= NO_APOSTROPHES
            people = speakers(name.subtag)
            claim = (given_way, GROUPS[name.rank], distance, name.rank, -people, order)
            claims[key].append((claim, name.subtag))
    return {key: min(claims_of_key)[1] for key, claims_of_key in claims.items()}


def forms_of(name: Name) -> Iterator[tuple[int, str]]:
    """The forms under which a name is found, each with its distance from the name as written."""
    parts = folding.words(name.text)
    if not parts:
        return
    changed = folding.joined(parts) != folding.raw(name.text)
    for distance, form in enumerate(forms(parts)):
        yield distance + changed, form
    plain = folding.bare(folding.joined(parts))
    without = plain.replace("'", "")
    if without != plain:
        yield NO_APOSTROPHES, without
    if " " in without and name.rank in (OWN, ENGLISH, AUTONYM):
        yield NO_BLANKS, without.replace(" ", "")


def told_apart_by_punctuation(everything: list[Name], names: dict[str, str]) -> dict[str, str]:
    """English names that are another language's, or a code, without their punctuation: "Kwa'", "Tae'"."""
    own = {form for name in everything if name.rank == OWN for _, form in forms_of(name)}
    found: dict[str, str] = {}
    for name in everything:
        if name.rank not in (ENGLISH, REGISTRY):
            continue
        key, raw = folding.joined(folding.words(name.text)), folding.raw(name.text)
        if key in own or key == raw or raw in names:
            continue
        if len(key) <= 3 or codes().get(names[key]) != codes()[name.subtag]:
            found.setdefault(raw, name.subtag)
    return found


@cache
def place_names() -> set[str]:
    """Names of regions, without those that are also the language's in the same locale ("norja")."""
    places: dict[str, set[str]] = defaultdict(set)
    names: dict[str, set[str]] = defaultdict(set)
    for tag, translations in CODE_TO_NAMES.items():
        for locale, name in translations.items():
            if locale in CLDR_LANGUAGES and (is_region(tag) or subtag_in(tag)):
                (places if is_region(tag) else names)[locale].update(forms(folding.words(name)))
    return {form for locale, found in places.items() for form in found - names[locale]}


def is_region(tag: str) -> bool:
    """Whether a tag is "MX" or "419"."""
    return (len(tag) == 2 and tag.isupper()) or (len(tag) == 3 and tag.isdigit())


def additions(names: dict[str, str]) -> tuple[set[str], set[str]]:
    """Folded words of our own, and names of places. Adds "irish english" and its kind to ``names``."""
    words: set[str] = set()
    places: set[str] = set()
    for tag, translations in CODE_TO_NAMES.items():
        if is_region(tag) or tag in SCRIPTS:
            for locale, name in translations.items():
                if locale.split("-")[0] in CLDR_LANGUAGES:
                    places.update(forms(folding.words(name)))
    for kind, *phrases in lines_of("own_additions.tsv"):
        for phrase in phrases:
            written = forms(folding.words(phrase))
            subtag = next((names[form] for form in written if names.get(form, NONE) != NONE), None)
            if not kind.startswith("region"):
                words.update(written)
            elif subtag:
                add_varieties(names, written, subtag, kind.split()[1])
            else:
                places.update(written)
    return words, places - words


def add_varieties(names: dict[str, str], adjectives: Iterable[str], subtag: str, region: str) -> None:
    """Adds names such as "irish english", for an adjective that is the name of a language too."""
    for other in sorted(official().get(region, set()) & codes().keys()):
        if speakers(other) >= MANY_TIMES * speakers(subtag):
            english = " ".join(folding.words(CODE_TO_NAMES[other]["en"]))
            for adjective in adjectives:
                names.setdefault(f"{adjective} {english}", other)


@cache
def official() -> dict[str, set[str]]:
    """The official languages of each territory, from CLDR."""
    tree = ElementTree.parse(str(data_filename("supplementalData.xml")))
    found: dict[str, set[str]] = defaultdict(set)
    for territory in tree.findall("./territoryInfo/territory"):
        for language in territory:
            if "officialStatus" in language.attrib:
                found[territory.attrib["type"]].add(language.attrib["type"].split("_")[0])
    return found


if __name__ == "__main__":
    main()
