"""Language codes: "Spanish", "español", "es" and "es-MX" all have the code ``es``."""

import re
import unicodedata
from functools import lru_cache

CODE_LENGTH = 50
MAX_NAME_LENGTH = 100  # characters; the rest of a longer name is ignored
# The time of NFKC is quadratic in the length of a run of combining marks, so a text is normalised in
# pieces. A piece ends before an ASCII character, which never composes with the text before it, or
# after 128 characters.
PIECE = re.compile(r".{64,128}?(?=[\x00-\x7f])|.{1,128}", re.DOTALL)


def folded(text: str) -> str:
    """``text`` in a form that ignores case, width and composition (NFKC, case-folded)."""
    return "".join(map(_folded, PIECE.findall(text)))


def _folded(piece: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", piece).casefold())


def code_of(text: str) -> str:
    """The language code of ``text``, which is a BCP 47 tag or a name in any language.

    A member of a macrolanguage has the code of the macrolanguage, as in CLDR ("Mandarin" is ``zh``).
    An unknown language is its own folded text, at most CODE_LENGTH characters, so that equal texts
    have equal codes.
    """
    return _code_of(text[:MAX_NAME_LENGTH])


@lru_cache(maxsize=4096)
def _code_of(text: str) -> str:
    import langcodes  # imported late: its data take time to load

    name = " ".join(folded(text.replace("\x00", " ")).split())[:MAX_NAME_LENGTH]  # no NUL in PostgreSQL
    for candidate in (_tag, langcodes.find):
        try:
            language = langcodes.Language.get(candidate(name)).prefer_macrolanguage().language
        except (LookupError, ValueError):
            continue
        if language and language not in ("und", "mul"):
            return str(language)
    return name[:CODE_LENGTH]


def _tag(name: str) -> str:
    """``name``, if it is a valid language tag. Raises LookupError otherwise."""
    import langcodes

    if not langcodes.tag_is_valid(name) or len(name.replace("_", "-").split("-")[0]) > 3:
        raise LookupError(name)
    return name
