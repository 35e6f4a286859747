"""Language codes: "Spanish", "español", "es" and "es-MX" all have the code ``es``."""

from functools import lru_cache

from accounts.values.languages import grammar
from accounts.values.languages.folding import folded, normalized
from accounts.values.languages.index import index

__all__ = ["CODE_LENGTH", "code_of", "folded"]

CODE_LENGTH = 50
MAX_NAME_LENGTH = 100  # characters; the rest of a longer name is ignored


def code_of(text: str) -> str:
    """The language code of ``text``, which is a BCP 47 tag or a name in any language.

    A member of a macrolanguage has the code of the macrolanguage, as in CLDR ("Mandarin" is ``zh``).
    An unknown language is its own folded text, at most CODE_LENGTH characters, so that equal texts
    have equal codes.
    """
    return _code_of(text[:MAX_NAME_LENGTH])


@lru_cache(maxsize=4096)
def _code_of(text: str) -> str:
    text = text.replace("\x00", " ")  # no NUL in PostgreSQL
    name = " ".join(folded(text).split())
    # NFKC makes up to 18 characters of one.
    subtag = grammar.subtag_of(normalized(text), index()) if len(name) <= MAX_NAME_LENGTH else None
    return index().codes[subtag] if subtag else name[:CODE_LENGTH]
