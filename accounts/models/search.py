"""Search conditions that an index answers, also for words without a trigram, and pages of a search."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, Self, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.lookups import DataContains
from django.db import OperationalError, models
from django.db.models import Func, Q, TextField
from psycopg2.errors import QueryCanceled

from accounts.errors import SearchTooBroad
from accounts.models.bounded import CutRows
from accounts.models.compiled_lists import CompiledRows, names_of
from accounts.models.local_settings import local_settings
from accounts.models.querysets import LockableQuerySet

Row = TypeVar("Row", bound=models.Model, covariant=True)

MAX_MILLISECONDS = 2_000  # of each query of a search

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


class SearchableQuerySet(LockableQuerySet[Row]):
    """A QuerySet whose first rows are found fast for frequent and for rare words.

    ``near_rows`` are read in order before the index of the search is used. A frequent word is found in them,
    or else in ``far_rows``, or twice the rows of a page, which are read if enough of the first ones match.
    """

    near_rows = 100
    far_rows = 400
    # The rows before the search, without and with its walked conditions; then the later filters and excludes.
    search: tuple[Self, Self] | None = None
    later: tuple[Callable[[Self], Self], ...] = ()

    @property
    def unsearched(self) -> Self | None:
        """The same rows without the conditions of the search; None if there is no search."""
        return self.search and self._with_later(self.search[0])

    @property
    def walked(self) -> Self | None:
        """The same rows, with conditions that suit a few rows; None if there is no search."""
        return self.search and self._with_later(self.search[1])

    def _with_later(self, rows: Self) -> Self:
        for call in self.later:
            rows = call(rows)
        return rows

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone.search, clone.later = self.search, self.later
        return clone

    def filter(self, *args: Any, **kwargs: Any) -> Self:
        """The rows that match; those of ``first_rows`` too."""
        found = super().filter(*args, **kwargs)
        found.later = (*self.later, lambda rows: rows.filter(*args, **kwargs))
        return found

    def exclude(self, *args: Any, **kwargs: Any) -> Self:
        """The rows that do not match; those of ``first_rows`` too."""
        found = super().exclude(*args, **kwargs)
        found.later = (*self.later, lambda rows: rows.exclude(*args, **kwargs))
        return found

    def searched(self, *conditions: Q, walked: Sequence[Q] = ()) -> Self:
        """The rows with these conditions of a search. ``walked`` are equal ones without an index."""
        found = self.filter(*conditions)
        found.search, found.later = (self, self.filter(*(walked or conditions))), ()
        return found


def first_rows(search: Any, count: int) -> list[Any]:
    """The first ``count`` rows of an ordered search, of a QuerySet or CompiledRows. Raises SearchTooBroad.

    The first rows are read in order, which finds frequent words at once. Only if they have too few rows, the
    index of the search finds the others: it finds rare words, but has no order, so that all rows with a
    frequent word would be read and sorted. CutRows if the bytes of their JSON end them before.
    """
    order = order_of(search)
    near_rows, far_rows = search.near_rows, max(search.far_rows, 2 * count)
    unsearched, walked = (rows.order_by(*order) for rows in (search.unsearched, search.walked))
    near = near_condition(unsearched, order[0], near_rows)
    first = walked_rows(walked, near, count)
    if near and is_short(first, count) and len(first) * far_rows >= count * near_rows:
        near = near_condition(unsearched, order[0], far_rows)
        first = walked_rows(walked, near, count)
    if near and is_short(first, count):
        # The ids alone first: the other columns of each hit cost more than the search.
        ids = rows_of(search).filter(~near).values("pk")[: count - len(first)]
        with limited_time():
            others = listed(unsearched.filter(pk__in=ids)[: count - len(first)])
        first = CutRows(first + others) if isinstance(others, CutRows) else first + others
    return first


def is_short(rows: list[Any], count: int) -> bool:
    """Whether there are fewer than ``count`` rows, and not because of their bytes."""
    return len(rows) < count and not isinstance(rows, CutRows)


def listed(rows: Any) -> list[Any]:
    """The rows of a slice of a QuerySet, or of CompiledRows, whose slices are lists already."""
    return rows if isinstance(rows, list) else list(rows)


def order_of(rows: Any) -> list[str]:
    """The columns of the order, descending ones with a minus."""
    return list(rows.order if isinstance(rows, CompiledRows) else map(str, rows.query.order_by))


def sort_values_of(rows: Any, row: Any) -> list[Any]:
    """The values of the columns of the order in one of the rows. A tuple of a QuerySet ends with them."""
    if isinstance(rows, CompiledRows):
        return rows.sort_values_of(row)
    order = order_of(rows)
    if isinstance(row, tuple):
        return list(row[-len(order) :])
    return [getattr(row, name) for name in names_of(order)]


def rows_of(rows: Any) -> Any:
    """The QuerySet of rows that may be CompiledRows."""
    return rows.queryset() if isinstance(rows, CompiledRows) else rows


def near_condition(rows: Any, order: str, count: int) -> Q:
    """The condition of the first ``count`` of ordered rows; empty if there are fewer."""
    name, operator = order.lstrip("-"), "gte" if order.startswith("-") else "lte"
    with limited_time():
        if isinstance(rows, CompiledRows):
            edge = rows.sort_values_at(count - 1)
        else:
            values = rows.prefetch_related(None).annotate(edge=models.F(name)).values_list("edge")
            edge = next(iter(values[count - 1 : count]), None)
    return Q(**{f"{name}__{operator}": edge[0]}) if edge else Q()


def walked_rows(walked: Any, near: Q, count: int) -> list[Any]:
    """The first ``count`` of the ordered rows with the condition, without the index of the search."""
    with limited_time(enable_bitmapscan="off"):  # the index of the search works by bitmap scans only
        return listed(walked.filter(near)[:count])


def count_up_to(rows: Any, most: int) -> int | None:
    """The number of rows, of a QuerySet or CompiledRows; ``most + 1`` if there are more than ``most``.

    None if PostgreSQL cannot count them within MAX_MILLISECONDS.
    """
    try:
        with limited_time():
            return int(rows_of(rows).order_by().values("pk")[: most + 1].count())
    except SearchTooBroad:
        return None


@contextmanager
def limited_time(**settings: str) -> Iterator[None]:
    """Ends each query within after MAX_MILLISECONDS, with SearchTooBroad."""
    try:
        with local_settings(statement_timeout=MAX_MILLISECONDS, jit="off", **settings):
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTooBroad from error
        raise
