"""Search conditions that an index answers, also for words without a trigram."""

import re
from itertools import pairwise

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.lookups import DataContains
from django.db.models import Func, Q, TextField

# pg_trgm takes trigrams from letters and digits only. A word without three of them in a row may have none.
HAS_TRIGRAM = re.compile(r"[^\W_]{3}")
# The SQL function leaves out one or two of the other characters: nearly every text contains them.
IS_INDEXED = re.compile(r"[^a-z0-9]")


def short_substrings(column: str) -> Func:
    """The indexed substrings of one and of two characters of a column, for an index and its queries."""
    return Func(column, function="private.short_substrings", output_field=ArrayField(TextField()))


def contains_word(word: str, column: str = "search_text") -> Q:
    """The condition that ``column`` contains ``word``, a word of ``search_text.words_of``.

    A trigram index of the column answers it for a word with a trigram, and an index of
    ``short_substrings(column)`` for other words with a character except a-z and 0-9.
    """
    contains = Q(**{f"{column}__contains": word})
    pairs = [word] if len(word) < 3 else [first + second for first, second in pairwise(word)]
    indexed = list(filter(IS_INDEXED.search, pairs))
    if HAS_TRIGRAM.search(word) or not indexed:
        return contains
    # Also for a word that the index finds exactly: LIKE has statistics, which the index lacks.
    return Q(DataContains(short_substrings(column), indexed)) & contains
