"""Statements whose rows end at a number of bytes, for lists of rows that may have megabytes of JSON each.

``bounded`` counts the bytes and stops at their limit. Up to MAX_GUARDED rows are read without a count first,
by ``guarded``, which returns null for large JSON; only if there is some, ``bounded`` follows.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any

Row = tuple[Any, ...]
Statement = tuple[str, str]  # what stands before and after the statement of the rows
MAX_BYTES = 4_000_000  # of the JSON in the rows of a list, if a request states no other number
# Of JSON as it is stored, which a statement may return without counting its text. PostgreSQL compresses JSON
# to a third, and the most regular JSON to a hundredth.
MAX_STORED_BYTES = 1_000_000
MAX_GUARDED = 51  # rows; for more of them, counting costs little


class CutRows(list[Row]):
    """The rows of a statement that ended at its number of bytes, and has more rows."""


@lru_cache(maxsize=500)
def guarded(heavy: Collection[int], columns: int, count: int) -> Statement:
    """Reads up to ``count`` rows of ``columns`` columns, and the texts of JSON that are not large.

    The columns ``heavy``, of type json or jsonb, become text, or null if the stored value has more than
    MAX_STORED_BYTES / ``count`` bytes. The last column is true for a row with such a value.
    """
    share, names = MAX_STORED_BYTES // count, names_of(columns)
    sizes = {place: f"pg_column_size(c{place})" for place in heavy}  # without decompression
    shown = [
        f"case when {sizes[place]} <= {share} then {name}::bpchar end" if place in sizes else name
        for place, name in enumerate(names)
    ]
    before = f"select {', '.join(shown)}, greatest({', '.join(sizes.values())}) > {share} from ("
    return before, f") r({', '.join(names)})"


@lru_cache(maxsize=100)
def bounded(heavy: Collection[int], columns: int, measured: bool) -> Statement:
    """Ends the rows before their JSON has more bytes than the first parameter, but after one row at least.

    With ``measured``, a row has the bytes of all of it as a number, in place of the first text. The last
    column has 1 in one row that follows, whose ``heavy`` columns are null.

    PostgreSQL 15 and later read no row beyond: the outer window has a "Run Condition" then. Neither window
    sorts, so they have the order of the statement. Both would write all rows to files if one had texts, so
    these are written again for the rows that remain. ``offset 0`` keeps a length from being counted twice.
    """
    names, [first, *_] = names_of(columns), heavy
    shown = [
        f"case when beyond = 0 then {name}::bpchar end" if i in heavy else name
        for i, name in enumerate(names)
    ]
    if measured:
        shown = [("length" if i == first else "null") if i in heavy else name for i, name in enumerate(names)]
    length = " + ".join(f"coalesce(octet_length(c{place}::bpchar), 0)" for place in heavy)
    before = (
        f"select {', '.join(shown)}, beyond from"
        " (select *, count(*) filter (where bytes > %s and bytes > length)"
        " over (rows unbounded preceding) beyond from"
        " (select *, sum(length) over (rows unbounded preceding) bytes from"
        f" (select *, {length} length from ("
    )
    return before, f") r({', '.join(names)}) offset 0) t) s) w where beyond <= 1"


def first_of_guarded(rows: list[Row], heavy: Collection[int], max_bytes: int) -> list[Row] | None:
    """The rows of a guarded statement that ``bounded`` would read; None if one is large."""
    if True in [row[-1] for row in rows]:
        return None
    texts = [row[place] for place in heavy for row in rows]
    if sum(map(len, filter(None, texts))) <= max_bytes:
        return rows
    sizes = accumulate(sum(len(row[place] or b"") for place in heavy) for row in rows)
    count = sum(size <= max_bytes for size in sizes)
    return CutRows(rows[: count or 1]) if len(rows) > 1 else rows


def first_of_bounded(rows: list[Row]) -> list[Row]:
    """The rows of a bounded statement, without the one that follows: CutRows if there is one."""
    return CutRows(rows[:-1]) if rows and rows[-1][-1] else rows


def names_of(columns: int) -> Sequence[str]:
    return [f"c{place}" for place in range(columns)]
