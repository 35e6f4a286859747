"""Language codes: "Spanish", "español", "es" and "es-MX" all have the code ``es``."""

import re
from functools import lru_cache

from accounts.values.languages import grammar
from accounts.values.languages.folding import folded, normalized
from accounts.values.languages.index import index

__all__ = ["CODE_LENGTH", "code_of", "folded", "is_known", "names_in"]

CODE_LENGTH = 50
MAX_NAME_LENGTH = 100  # characters; the rest of a longer name is ignored
CODE = re.compile(r"\s*[a-z]{2,3}(-[A-Za-z0-9]{1,8})*\s*")


def code_of(text: str) -> str:
    """The language code of ``text``, which is a BCP 47 tag or a name in any language.

    A member of a macrolanguage has the code of the macrolanguage, as in CLDR ("Mandarin" is ``zh``).
    An unknown language is its own folded text, at most CODE_LENGTH characters, so that equal texts
    have equal codes.
    """
    return _code_of(text[:MAX_NAME_LENGTH])[0]


def is_known(text: str) -> bool:
    """Whether ``text`` is a BCP 47 tag or a name of a language."""
    return _code_of(text[:MAX_NAME_LENGTH])[1]


def names_in(text: str) -> tuple[str, ...]:
    """The languages that ``text`` names: several if commas separate known languages, otherwise one.

    A name may contain a comma: "Norwegian, Nynorsk" is one language. The codes "no,nn" are two.
    """
    parts = tuple(part for part in text.split(",") if part.strip())
    if len(parts) < 2 or not all(map(is_known, parts)):
        return (text,)
    return parts if all(map(CODE.fullmatch, parts)) or not is_known(text) else (text,)


@lru_cache(maxsize=4096)
def _code_of(text: str) -> tuple[str, bool]:
    """The code of ``text``, and whether the language is known."""
    text = text.replace("\x00", " ")  # no NUL in PostgreSQL
    name = " ".join(folded(text).split())
    # NFKC makes up to 18 characters of one.
    subtag = grammar.subtag_of(normalized(text), index()) if len(name) <= MAX_NAME_LENGTH else None
    return (index().codes[subtag], True) if subtag else (name[:CODE_LENGTH], False)
