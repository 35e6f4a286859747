"""Lists whose SQL is compiled once for each combination of conditions, and run with other values.

Django compiles a QuerySet to SQL each time it runs. For a page of 20 rows, that and the model instances take
longer than the database does.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cached_property
from itertools import count
from types import MethodType
from typing import Any, Self

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Model, Q, QuerySet, TextField, UUIDField
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from accounts.models.bounded import (
    MAX_BYTES,
    MAX_GUARDED,
    bounded,
    first_of_bounded,
    first_of_guarded,
    guarded,
)
from accounts.models.conditions import Condition, NotCompiled, Slot, field_of, shape_of, with_slots
from accounts.models.prepared_statements import prepared_statement
from accounts.models.raw_json import RawJSON

Compiled = tuple[str, Sequence[Any]]  # SQL and its parameters
OF_USER = (Q.AND, False, ("user",))  # the shape of a condition ``user=...``
MAX_COMPILED = 100  # combinations of conditions and orders


class CompiledList:
    """The rows of a QuerySet, as tuples: ``columns`` (names or expressions), and those of the order that are
    not among them.

    ``queryset`` is called once, when the list is first read.
    """

    def __init__(self, queryset: Callable[[], QuerySet[Any]], columns: Sequence[str | Combinable]) -> None:
        self._queryset = queryset
        self.columns = columns
        # The places of the columns of JSON, by whose size a list ends.
        self.heavy = tuple(place for place, each in enumerate(columns) if isinstance(each, RawJSON))
        self._compiled: dict[Hashable, Compiled] = {}

    @cached_property
    def sort_values(self) -> CompiledList:
        """The same rows with the columns of the order only."""
        return CompiledList(self._queryset, ())

    @cached_property
    def base(self) -> QuerySet[Any]:
        """The QuerySet with all its rows."""
        return self._queryset()

    @cached_property
    def aliases(self) -> frozenset[str]:
        """The names of the expressions by which the QuerySet can be ordered, beside its columns."""
        return frozenset(self.base.query.annotations)

    def rows(self) -> CompiledRows:
        """All rows. They have the methods of the QuerySet that only filter and order."""
        return self._rows

    @cached_property
    def _rows(self) -> CompiledRows:
        return CompiledRows(self, (), tuple(map(str, self.base.query.order_by)))

    def fetch(self, rows: CompiledRows, start: int, stop: int) -> list[tuple[Any, ...]]:
        """The rows from ``start`` up to and without ``stop``, numbered from 0.

        CutRows if their JSON ends them before, at ``rows.max_bytes``.
        """
        try:
            sql, parameters = self._statement(rows, start, stop)
        except EmptyResultSet:
            return []
        # An index has the rows of a user in their order: one plan is the best for all users.
        is_prepared = start == 0 and [each.shape for each in rows.conditions if each.values] == [OF_USER]
        if not self.heavy:
            return run(sql, parameters, is_prepared=is_prepared)
        columns = len(self.columns) + len(self._added(rows.order))
        if stop - start <= MAX_GUARDED and not rows.is_measured and rows.max_bytes <= MAX_BYTES:
            before, after = guarded(self.heavy, columns, stop - start)
            guarded_rows = run(f"{before}{sql}{after}", parameters, is_prepared=is_prepared)
            found = first_of_guarded(guarded_rows, self.heavy, rows.max_bytes)
            if found is not None:
                return found
        before, after = bounded(self.heavy, columns, rows.is_measured)
        return first_of_bounded(run(f"{before}{sql}{after}", [rows.max_bytes, *parameters]))

    def _statement(self, rows: CompiledRows, start: int, stop: int) -> Compiled:
        """The SQL of these rows, in which JSON is not text yet. Raises EmptyResultSet."""
        if not self.aliases.isdisjoint(names_of(rows.order)):
            return sql_of(self._by_ids(rows, start, stop))
        conditions = [each.condition for each in rows.conditions]
        if any(each.shape is None for each in rows.conditions):
            return sql_of(self._stored(conditions, rows.order)[start:stop])
        shape = (rows.order, *(each.shape for each in rows.conditions))
        sql, parameters = self._compiled.get(shape) or self._compile(shape, rows)
        values = [value for each in rows.conditions for value in each.values]
        filled = [values[each.number] if isinstance(each, Slot) else each for each in parameters]
        return f"{sql} LIMIT {stop - start:d} OFFSET {start:d}", filled

    def _by_ids(self, rows: CompiledRows, start: int, stop: int) -> QuerySet[Any]:
        """The rows of a subquery that sorts the ids only.

        No index has the order of an expression. PostgreSQL would read the columns of all rows before it
        sorts them.
        """
        ids = self.selected([each.condition for each in rows.conditions]).order_by(*rows.order)
        return self._stored([Q(pk__in=ids.values("pk")[start:stop])], rows.order)

    def _compile(self, shape: Hashable, rows: CompiledRows) -> Compiled:
        slots = map(Slot, count())
        filtered = self._stored([with_slots(each.condition, slots) for each in rows.conditions], rows.order)
        compiler: Any = filtered.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        if converted := {place: each for place, each in converters.items() if place not in self.heavy}:
            raise TypeError(f"Django converts these columns, which must be read as they are: {converted}")
        if len(self._compiled) >= MAX_COMPILED:
            self._compiled.clear()
        self._compiled[shape] = sql, parameters
        return sql, parameters

    def filtered(self, conditions: Iterable[Q], order: Sequence[str]) -> QuerySet[Any]:
        """The QuerySet of the tuples of these rows."""
        return self._values_of(self.columns, conditions, order)

    def _stored(self, conditions: Iterable[Q], order: Sequence[str]) -> QuerySet[Any]:
        """The same, with JSON as it is stored: PostgreSQL sorts rows before it writes the texts of some."""
        columns = [each.column if isinstance(each, RawJSON) else each for each in self.columns]
        return self._values_of(columns, conditions, order)

    def _values_of(
        self, columns: Sequence[str | Combinable], conditions: Iterable[Q], order: Sequence[str]
    ) -> QuerySet[Any]:
        added = [self._sort_value(name) for name in self._added(order)]
        return self.selected(conditions).order_by(*order).values_list(*columns, *added)

    def _added(self, order: Sequence[str]) -> list[str]:
        """The columns of the order that a row has after ``columns``."""
        return [name for name in names_of(order) if name not in self.columns]

    def sort_values_of(self, row: tuple[Any, ...], order: Sequence[str]) -> list[Any]:
        """The values of the columns of the order in a row."""
        names = [*self.columns, *self._added(order)]
        return [row[names.index(name)] for name in names_of(order)]

    def selected(self, conditions: Iterable[Q]) -> QuerySet[Any]:
        """The QuerySet with these conditions."""
        found = self.base
        for condition in conditions:
            found = found.filter(condition)
        return found

    def _sort_value(self, column: str) -> Combinable:
        """The column, for the cursor of the next page. A UUID as text, which Python reads faster."""
        model: type[Model] = self.base.model
        is_uuid = column not in self.aliases and isinstance(field_of(model, column), UUIDField)
        return Cast(column, TextField()) if is_uuid else F(column)


class CompiledRows:
    """Some rows of a CompiledList. ``rows[:20]`` are tuples: its columns, and further ones of the order.

    A slice of rows with JSON is CutRows if more than ``max_bytes`` of it would follow. A method of the
    QuerySet works if it only calls ``filter``, ``exclude`` and ``order_by``. A search also has ``unsearched``
    and ``walked``, as a SearchableQuerySet has them.
    """

    unsearched: Self | None = None
    walked: Self | None = None
    max_bytes = MAX_BYTES  # of JSON in the rows of a slice
    is_measured = False  # whether a row has the number of bytes of each JSON text in its place

    def __init__(
        self, compiled: CompiledList, conditions: tuple[Condition, ...], order: tuple[str, ...]
    ) -> None:
        self.compiled = compiled
        self.conditions = conditions
        self.order = order

    @property
    def model(self) -> type[Model]:
        return self.compiled.base.model

    @property
    def is_whole(self) -> bool:
        """Whether there is no condition, so that the rows are the same for every caller."""
        return not self.conditions

    def all(self) -> Self:
        return self

    def filter(self, *conditions: Q, **lookups: Any) -> Self:
        """Raises ValueError, TypeError or ValidationError, as the field does, for an invalid value."""
        condition, values = Q(*conditions, **lookups), list[Any]()
        try:
            added = Condition(condition, shape_of(condition, self.model, values), values)
        except NotCompiled:
            added = Condition(condition, None, ())
        found = self._with((*self.conditions, added), self.order)
        if self.unsearched is not None and self.walked is not None:
            found.unsearched = self.unsearched.filter(condition)
            found.walked = self.walked.filter(condition)
        return found

    def searched(self, *conditions: Q, walked: Sequence[Q] = ()) -> Self:
        """The rows with these conditions of a search, as of a SearchableQuerySet."""
        found = self.filter(*conditions)
        found.unsearched, found.walked = self, self.filter(*(walked or conditions))
        return found

    def exclude(self, *conditions: Q, **lookups: Any) -> Self:
        return self.filter(~Q(*conditions, **lookups))

    def order_by(self, *order: str) -> Self:
        found = self._with(self.conditions, order)
        if self.unsearched is not None and self.walked is not None:
            found.unsearched = self.unsearched.order_by(*order)
            found.walked = self.walked.order_by(*order)
        return found

    def up_to(self, max_bytes: int, *, measured: bool = False) -> Self:
        """The same rows, whose slices end at ``max_bytes``. ``measured`` reads the sizes of JSON only."""
        found = self._with(self.conditions, self.order)
        found.max_bytes, found.is_measured = max_bytes, measured
        if self.unsearched is not None and self.walked is not None:
            found.unsearched = self.unsearched.up_to(max_bytes, measured=measured)
            found.walked = self.walked.up_to(max_bytes, measured=measured)
        return found

    def json_bytes_of(self, row: tuple[Any, ...]) -> int:
        """The bytes of the JSON in a row, or in a measured one."""
        found = (row[place] for place in self.compiled.heavy)
        return sum(each if isinstance(each, int) else len(each or b"") for each in found)

    def _with(self, conditions: tuple[Condition, ...], order: tuple[str, ...]) -> Self:
        found = type(self)(self.compiled, conditions, order)
        found.max_bytes, found.is_measured = self.max_bytes, self.is_measured
        return found

    def queryset(self) -> QuerySet[Any]:
        """The QuerySet of the same tuples."""
        return self.compiled.filtered([each.condition for each in self.conditions], self.order)

    def sort_values_of(self, row: tuple[Any, ...]) -> list[Any]:
        """The values of the columns of the order in a row of this list."""
        return self.compiled.sort_values_of(row, self.order)

    def sort_values_at(self, place: int) -> tuple[Any, ...] | None:
        """The columns of the order of one row, numbered from 0; None if there are fewer rows."""
        rows = type(self)(self.compiled.sort_values, self.conditions, self.order)
        return next(iter(rows[place : place + 1]), None)

    def __getitem__(self, page: slice) -> list[tuple[Any, ...]]:
        assert page.step is None
        return self.compiled.fetch(self, page.start or 0, page.stop)

    def __getattr__(self, name: str) -> Any:
        method = getattr(type(self.compiled.base), name)
        if isinstance(method, int):
            return method
        if not getattr(method, "__module__", "").startswith("accounts."):
            raise AttributeError(f"A compiled list has no {name}. Use the QuerySet.")
        return MethodType(method, self)


def names_of(order: Sequence[str]) -> list[str]:
    """The columns of an order, without the sign of a descending one."""
    return [column.lstrip("-") for column in order]


def sql_of(queryset: QuerySet[Any]) -> Compiled:
    """The SQL of a QuerySet. Raises EmptyResultSet if it cannot have a row."""
    compiled: Compiled = queryset.query.get_compiler(connection=connection).as_sql()
    return compiled


def run(sql: str, parameters: Sequence[Any], *, is_prepared: bool = False) -> list[tuple[Any, ...]]:
    """The rows of a statement, which is a PreparedStatement with ``is_prepared``."""
    with connection.cursor() as cursor:
        if is_prepared:
            prepared_statement(sql, len(parameters)).run(connection, cursor, parameters)
        else:
            cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
