"""Names of languages in language_data and in our own list, for ``build.py``.

language_data has the names of Unicode CLDR, of the IANA registry of language subtags and of Wiktionary.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from langcodes import Language
from langcodes.data_dicts import LANGUAGE_ALPHA3, LANGUAGE_ALPHA3_BIBLIOGRAPHIC
from language_data.name_data import CODE_TO_NAMES
from language_data.names import load_trie
from language_data.population_data import LANGUAGE_SPEAKING_POPULATION
from language_data.registry_parser import parse_registry
from language_data.util import data_filename

from accounts.values.languages.index import lines_of

# Ranks of names. Of a name that several languages share, the smallest rank wins.
OWN, ENGLISH, REGISTRY, RETIRED, AUTONYM, OTHER, DERIVED = range(7)
NONE = "-"  # the subtag of a name that is left out, because it does not mean one language
# Feminine adjectives ("langue française"), German without umlauts, Arabic without the article, the two
# Chinese words for "language", and scripts without blanks, with the word for "language" in front.
ENDINGS = {
    "ar": ["ية ي", "ية ية"],
    "ca": ["ès esa", "à ana", "ol ola", "ec ega"],
    "de": ["isch ische", "Deutsch deutsche"],
    "el": ["ικά ική", "ά ή"],
    "es": ["és esa", "o a", "ol ola", "án ana", "ín ina"],
    "fr": ["ais aise", "ois oise", "ien ienne", "éen éenne", "ain aine", "ol ole", "and ande", "an ane",
           "grec grecque", "turc turque"],
    "it": ["o a"],
    "nl": ["s se", "ds dse"],
    "pt": ["ês esa", "o a", "ol ola", "ão ã"],
    "zh": ["语 文", "文 語", "語 文"],
}  # fmt: skip
PREFIXES = {"th": "ภาษา", "lo": "ພາສາ", "km": "ភាសា"}
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


class Name(NamedTuple):
    rank: int
    subtag: str
    text: str


def all_names() -> list[Name]:
    """Every name of every language. A name may be there several times, with other ranks."""
    return list(dict.fromkeys([*own_names(), *registry_names(), *package_names(), *derived_names()]))


@cache
def registry() -> list[dict[str, Any]]:
    """The entries of the IANA registry."""
    return list(parse_registry())


@cache
def codes() -> dict[str, str]:
    """The subtags of two and three letters, with the code that is stored for each."""
    subtags = {entry["Subtag"] for entry in languages()}
    for table in (LANGUAGE_ALPHA3, LANGUAGE_ALPHA3_BIBLIOGRAPHIC):
        subtags |= set(table.values())
    subtags |= {tag for tag in CODE_TO_NAMES if re.fullmatch("[a-z]{2,3}", tag) and is_in_cldr(tag)}
    subtags -= subtags_of("special", "private-use")
    return {subtag: code_of_subtag(subtag) for subtag in sorted(subtags)}


def code_of_subtag(subtag: str) -> str:
    """The code that is stored for a subtag: of its macrolanguage, as langcodes prefers it."""
    code = str(Language.get(subtag).prefer_macrolanguage().language)
    return "no" if code == "nb" else code  # Bokmål is what "Norwegian" means


def languages() -> Iterator[dict[str, Any]]:
    """The registry's entries of languages."""
    return (entry for entry in registry() if entry["Type"] == "language")


@cache
def subtags_of(*scopes: str) -> set[str]:
    """The subtags with one of these scopes, such as "collection": a group of languages."""
    return {entry["Subtag"] for entry in languages() if entry.get("Scope") in scopes}


def speakers(subtag: str) -> int:
    """The number of people who speak the language; 0 if it is not known."""
    populations: dict[str, int] = LANGUAGE_SPEAKING_POPULATION
    return max(populations.get(subtag, 0), populations.get(codes().get(subtag, ""), 0))


@cache
def subtag_in(tag: str) -> str | None:
    """The language subtag of one of language_data's tags, or None if it is no language."""
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3}|-[A-Z]{2}|-\d{3})?", tag):
        return None  # a code of Wiktionary alone
    subtag = tag.split("-")[0]
    return subtag if subtag in codes() and subtag not in subtags_of("collection") else None


def own_names() -> Iterator[Name]:
    for subtag, names, _reason in lines_of("own_names.tsv"):
        for name in names.split(", "):
            yield Name(OWN, subtag, name)


def registry_names() -> Iterator[Name]:
    """The registry's descriptions of languages, and old tags such as "i-klingon"."""
    for entry in languages():
        if subtag := subtag_in(entry["Subtag"]):
            for name in entry["Description"]:
                yield Name(RETIRED if "Deprecated" in entry else REGISTRY, subtag, name)
    for entry in registry():
        if entry["Type"] in ("grandfathered", "redundant") and entry.get("Preferred-Value") in codes():
            yield Name(REGISTRY, entry["Preferred-Value"], entry["Tag"])


def package_names() -> Iterator[Name]:
    """The first name in each locale, and the further ones that language_data looks up."""
    for tag, subtag, locale, name in translations():
        english = ENGLISH if is_in_cldr(tag) else REGISTRY
        yield Name(rank_in(locale, subtag, english), subtag, name)
    for locale in sorted({locale for _, _, locale, _ in translations()}):
        trie = load_trie(data_filename(f"trie/{locale}/name_to_language.marisa"))
        for name, tag in sorted(trie.items()):
            if known := subtag_in(tag.decode()):
                yield Name(rank_in(locale, known, REGISTRY), known, name)


def is_in_cldr(tag: str) -> bool:
    """Whether CLDR names the language. In language_data, the others have a name in English alone."""
    return len(CODE_TO_NAMES[tag]) > 3


def translations() -> Iterator[tuple[str, str, str, str]]:
    """Tag, subtag, the language of the name, and name."""
    for tag, names in CODE_TO_NAMES.items():
        if subtag := subtag_in(tag):
            for locale, name in names.items():
                yield tag, subtag, locale.split("-")[0], name


def rank_in(locale: str, subtag: str, english: int) -> int:
    """The rank of a name in the language ``locale``. ``english`` is the rank if that is English."""
    if locale == "en":
        return english
    return AUTONYM if codes().get(locale) == codes()[subtag] else OTHER


def derived_names() -> Iterator[Name]:
    for _, subtag, locale, name in translations():
        for form in derived(locale, name):
            yield Name(DERIVED, subtag, form)


def derived(locale: str, name: str) -> Iterator[str]:
    """Other forms of a name, by ENDINGS, PREFIXES and UMLAUTS of the language it is written in."""
    if locale in PREFIXES:
        yield PREFIXES[locale] + name
    if locale == "de" and name != name.translate(UMLAUTS):
        yield name.translate(UMLAUTS)
    stem = name.removeprefix("ال") if locale == "ar" else name
    for old, new in map(str.split, ENDINGS.get(locale, [])):
        if stem.endswith(old) and " " not in stem:
            yield stem.removesuffix(old) + new
