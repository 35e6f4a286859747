"""One language for every spelling: "Spanish", "español", "es" and "es-MX" are all ``es``."""

import re
import unicodedata
from functools import lru_cache

CODE_LENGTH = 50
LONGEST_NAME = 100  # characters of a language's name that are looked at
# Normalising takes the square of the length of a run of combining marks. A piece ends before an
# ASCII character, which composes with nothing, or where a text has none for very long.
PIECE = re.compile(r".{64,128}?(?=[\x00-\x7f])|.{1,128}", re.DOTALL)


def folded(text: str) -> str:
    """``text`` for comparing without regard to case, width or composition (NFKC, case-folded)."""
    return "".join(map(_folded, PIECE.findall(text)))


def _folded(piece: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", piece).casefold())


def code_of(text: str) -> str:
    """The BCP 47 primary language of ``text``, a tag or a name in any language."""
    return _code_of(text[:LONGEST_NAME])


@lru_cache(maxsize=4096)
def _code_of(text: str) -> str:
    """The BCP 47 primary language of ``text``, a tag or a name in any language.

    Macrolanguages swallow their main member as CLDR has it ("Mandarin" is ``zh``). A language that
    nobody knows is its own folded text, so that it still equals itself.
    """
    import langcodes  # its data take a moment to load

    name = " ".join(folded(text.replace("\x00", " ")).split())[:LONGEST_NAME]  # PostgreSQL holds no NUL
    for candidate in (_tag, langcodes.find):
        try:
            language = langcodes.Language.get(candidate(name)).prefer_macrolanguage().language
        except (LookupError, ValueError):
            continue
        if language and language not in ("und", "mul"):
            return str(language)
    return name[:CODE_LENGTH]


def _tag(name: str) -> str:
    """``name`` as a valid language tag; raises LookupError for anything else."""
    import langcodes

    if not langcodes.tag_is_valid(name) or len(name.replace("_", "-").split("-")[0]) > 3:
        raise LookupError(name)
    return name
