"""One language for every spelling: "Spanish", "español", "es" and "es-MX" are all ``es``."""

import unicodedata
from functools import lru_cache

CODE_LENGTH = 50


def folded(text: str) -> str:
    """``text`` for comparing without regard to case, width or composition (NFKC, case-folded)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=4096)
def code_of(text: str) -> str:
    """The BCP 47 primary language of ``text``, a tag or a name in any language.

    Macrolanguages swallow their main member as CLDR has it ("Mandarin" is ``zh``). A language that
    nobody knows is its own folded text, so that it still equals itself.
    """
    import langcodes  # its data take a moment to load

    name = " ".join(folded(text.replace("\x00", " ")).split())  # PostgreSQL holds no NUL
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
