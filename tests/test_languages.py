"""Codes of languages from what people write, the index of names, and the comparison of texts."""

import subprocess
import sys
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.values import languages
from accounts.values.languages import build, folding, sources
from accounts.values.languages.index import DATA, index, lines_of
from benchmarks import language_names
from tests.fixtures.cases import rows_of
from tests.fixtures.environments import ROOT

# Composed and decomposed accents, marks that pile up, ligatures that grow, and plain letters.
SIGNS = st.sampled_from(["a", "é", "e\u0301", "ﷺ", "ß", "Ａ", "你", "๐", " ", "\n", "İ"])
# What texts about languages are made of, right and wrong.
WORDS = st.sampled_from(
    ["Spanish", "español", "es", "ASL", "🇪🇸", "B1", "(", ")", "/", "中文", "Creole", "MX", "'"]
)
LOADED = """
import sys
import accounts.values.languages as languages
from accounts.values.languages.index import index
assert index.cache_info().currsize == 0
languages.code_of("Spanish")
print([name for name in sys.modules if name.startswith(("langcodes", "language_data", "pycountry"))])"""


def cases(name: str) -> list[tuple[str, str]]:
    """What people write, and its code. "=" stands for the folded text itself."""
    return [(text, itself(text) if code == "=" else code) for text, code in rows_of(name)]


def itself(text: str) -> str:
    return " ".join(languages.folded(text).split())


@pytest.mark.parametrize(("text", "code"), cases("languages.tsv") + cases("more_languages.tsv"))
def test_text_has_the_code_of_its_language(text: str, code: str) -> None:
    assert languages.code_of(text) == code


def test_no_name_of_iso_639_3_is_taken_for_another_language() -> None:
    figures = language_names.figures(language_names.iso_names())
    assert figures.names > 7_900
    assert figures.wrong == []
    assert len(figures.unknown) < 0.02 * figures.names


def test_the_english_names_of_cldr_are_known() -> None:
    figures = language_names.figures(language_names.cldr_names())
    assert figures.names > 600
    assert figures.wrong == []
    assert len(figures.unknown) < 0.02 * figures.names


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(
            ("en_US_POSIX", "en"),
            ("es-ES_tradnl", "es"),
            ("es-ES-trad", "es-es-trad"),
            ("Serbian (Cyrl)", "sr"),
        ),
        *(("Chinese / Cantonese", "yue"), ("Cantonese / Chinese", "yue"), ("Nynorsk / Norwegian", "nn")),
        *(("sh/bs", "bs"), ("bs/sh", "bs"), ("Serbo-Croatian / Bosnian", "bs")),
        *(("Norwegian / Nynorsk", "nn"), ("Norwegian / Chinese", "norwegian / chinese"), ("sr, Latn", "sr")),
        *(
            ("Kwaꞌ", "bko"),
            ("العربى", "ar"),
            ("العربیة", "ar"),
            ("Kwa’", "bko"),
            ("Kwa'", "bko"),
            ("Kwa", "kwb"),
        ),
    ],
)
def test_tags_scripts_and_apostrophes_are_read(text: str, code: str) -> None:
    assert languages.code_of(text) == code


def test_and_is_one_word_and_the_plus_of_a_level_is_none() -> None:
    texts = ("a+b", "a & b", "B2+ a", "a'b 'c'", "1\ufe0f\u20e3 a")
    found = [folding.words(text) for text in texts]
    assert found == [["a", "&", "b"], ["a", "&", "b"], ["b2", "a"], ["a'b", "c"], ["1", "a"]]


@pytest.mark.parametrize(
    ("text", "names"),
    [("no,nn", ["no", "nn"]), ("no-NO,nn", ["no-NO", "nn"]), ("Norwegian, Nynorsk", ["Norwegian, Nynorsk"])],
)
def test_codes_between_commas_are_several_languages(text: str, names: list[str]) -> None:
    assert list(languages.names_in(text)) == names


def test_the_first_and_the_last_key_of_a_sorted_file_are_found() -> None:
    for name, file in (("names.tsv", index().names), ("places.tsv", index().places)):
        lines = list(lines_of(name))
        for key, *value in (lines[0], lines[1], lines[-1]):
            assert file.get(key) == "".join(value)
            assert key in file and key[:-1] + "\x01" not in file


@pytest.mark.parametrize("position", [0, 3, -1])
def test_a_misspelt_name_is_unknown(position: int) -> None:
    for name in ["Spanish", "Japanese", "Portuguese", "Vietnamese", "Ukrainian", "Indonesian", "Hungarian"]:
        letters = list(name)
        letters[position] = "q"
        text = "".join(letters)
        assert languages.code_of(text) == itself(text)


def test_a_code_is_its_own_code() -> None:
    for code in set(index().codes.values()):
        assert languages.code_of(code) == code


@given(st.lists(WORDS, max_size=6).map(" ".join))
def test_the_code_of_a_code_is_the_same(text: str) -> None:
    code = languages.code_of(text)
    assert languages.code_of(code) == code
    assert len(code) <= languages.CODE_LENGTH


def test_a_new_name_is_looked_up_within_a_millisecond() -> None:
    texts = [text for text, _ in cases("languages.tsv") + cases("more_languages.tsv")]
    taken = language_names.milliseconds_per_name(texts)
    assert sum(taken) / len(taken) < 1


def test_the_index_is_read_at_the_first_look_up_without_the_packages_it_is_built_from() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


@pytest.mark.slow
def test_the_index_is_what_the_builder_writes() -> None:
    """After a change of the sources, run python -m accounts.values.languages.build."""
    for name, lines in build.contents().items():
        written = [line for line in (DATA / name).read_text(encoding="utf-8").split("\n") if line][1:]
        assert written == lines, name


def test_our_own_names_have_a_reason_and_a_known_language() -> None:
    for subtag, names, reason in lines_of("own_names.tsv"):
        assert names and reason
        assert subtag == sources.NONE or subtag in index().codes


@pytest.mark.slow
def test_our_own_names_are_those_that_the_sources_lack() -> None:
    known: dict[str, set[str]] = {}
    for name in [*sources.registry_names(), *sources.package_names()]:
        known.setdefault(languages.folded(name.text), set()).add(sources.codes()[name.subtag])
    for subtag, names, _reason in lines_of("own_names.tsv"):
        for name in names.split(", "):
            assert known.get(languages.folded(name)) != {sources.codes().get(subtag)}, name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" ESPAÑOL ", "es"),
        ("Span\u034fish \U000e0100", "es"),
        ("A language of the Moon", "a language of the moon"),
        *(("a\x00b", "a b"), ("x" * 60, "x" * 50)),
        *(("Spanish" + " 1" * 31, "es"), ("Spanish" + " 1" * 32, "spanish" + " 1" * 21 + " ")),
        ("", ""),
    ],
)
def test_case_blanks_and_invisible_characters_are_ignored(text: str, code: str) -> None:
    assert languages.code_of(text) == code


# ----------------------------------------------------------------------------------- folding


@given(st.lists(SIGNS, max_size=400).map("".join))
def test_folding_in_pieces_equals_folding_the_whole_text(text: str) -> None:
    once = unicodedata.normalize("NFKC", text).casefold()
    assert languages.folded(text) == unicodedata.normalize("NFKC", once)


def test_composed_and_decomposed_texts_have_the_same_folding() -> None:
    decomposed = unicodedata.normalize("NFD", "Déjà vu à l'été, où ça? " * 100)
    assert languages.folded(decomposed) == languages.folded(unicodedata.normalize("NFC", decomposed))


@pytest.mark.parametrize(
    "text",
    [
        *("\u0f81" * 100_000, "e" + "\u0301\u0323" * 50_000, "ﷺ" * 20_000, "中" * 100_000, "es," * 50_000),
        *("(" * 100_000, "de la " * 20_000, "Spanish " * 20_000, "a'" * 50_000, "-" * 100_000 + "x"),
    ],
)
def test_no_text_takes_long(text: str) -> None:
    began = time.perf_counter()
    languages.folded(text)
    languages.code_of(text)
    assert time.perf_counter() - began < 1
