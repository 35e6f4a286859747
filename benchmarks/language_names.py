"""How many names of languages get the right code, and how long a look-up takes.

Counts on the names of ISO 639-3 (pycountry) and on CLDR's English names (language_data). The right code is
langcodes' ``prefer_macrolanguage``, and "no" for Bokmål. Run as:

    python benchmarks/language_names.py [--list]

``--list`` prints the names that are wrong or unknown.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pycountry
from langcodes import Language
from language_data.name_data import CODE_TO_NAMES

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from accounts.values import languages  # noqa: E402
from accounts.values.languages.index import index  # noqa: E402

NO_LANGUAGE = {"und", "mul", "mis", "zxx"}
Named = list[tuple[str, str]]  # a name, and the tag of its language
IMPORT = """
import time
began = time.perf_counter()
import accounts.values.languages
print(time.perf_counter() - began)"""


class Figures(NamedTuple):
    names: int
    wrong: Named
    unknown: Named


def iso_names() -> Named:
    return [(entry.name, entry.alpha_3) for entry in pycountry.languages if entry.alpha_3 not in NO_LANGUAGE]


def cldr_names() -> Named:
    """CLDR's English names. Languages that CLDR lacks have a name in English alone in this package."""
    tag = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3}|-[A-Z]{2}|-\d{3})?")
    return [
        (names["en"], code)
        for code, names in CODE_TO_NAMES.items()
        if "en" in names and len(names) > 3 and tag.fullmatch(code) and code not in NO_LANGUAGE
    ]


def right_code(tag: str) -> str:
    code = str(Language.get(tag).prefer_macrolanguage().language)
    return "no" if code == "nb" else code


def figures(names: Named) -> Figures:
    """The names with another language's code, and those that have no language's."""
    wrong, unknown = [], []
    for name, tag in names:
        code = languages.code_of(name)
        if code == right_code(tag):
            continue
        itself = " ".join(languages.folded(name).split())[: languages.CODE_LENGTH]
        (unknown if code == itself else wrong).append((name, code))
    return Figures(len(names), wrong, unknown)


def milliseconds_per_name(names: Iterable[str]) -> list[float]:
    """The processor time of each look-up, with the index loaded and without the cache of results."""
    index()
    found = []
    for name in names:
        languages._code_of.cache_clear()
        began = time.process_time_ns()
        languages.code_of(name)
        found.append((time.process_time_ns() - began) / 1e6)
    return found


def main() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    print(f"import, without the index: {float(done.stdout) * 1000:.0f} ms")
    began = time.process_time()
    index()
    print(
        f"index, read at the first look-up: {(time.process_time() - began) * 1000:.0f} ms of processor time"
    )
    taken = sorted(milliseconds_per_name(name for name, _ in iso_names()))
    mean, long = sum(taken) / len(taken), taken[-len(taken) // 1000]
    print(f"look-up of a new name: mean {mean:.3f} ms, 99.9 % under {long:.3f} ms")
    for source, names in {"ISO 639-3": iso_names(), "CLDR's English": cldr_names()}.items():
        total, wrong, unknown = figures(names)
        share = len(unknown) / total
        print(f"{source}: {total} names, {len(wrong)} wrong, {len(unknown)} unknown ({share:.2%})")
        if "--list" in sys.argv:
            print("  wrong:", wrong)
            print("  unknown:", unknown)


if __name__ == "__main__":
    main()
