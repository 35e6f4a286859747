"""Lists whose SQL is compiled once for each combination of conditions, and run with other values.

Django compiles a QuerySet to SQL each time it runs. For a page of 20 rows, that and the model instances take
longer than the database does.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import count
from types import MethodType
from typing import Any, NamedTuple, Self

from django.core.exceptions import FieldError
from django.db import connection
from django.db.models import CharField, F, Field, Model, Q, QuerySet, TextField, UUIDField, Value
from django.db.models.expressions import BaseExpression, Combinable
from django.db.models.functions import Cast, Now
from django.db.models.sql import Query

SAME_SQL: Sequence[list[str]] = (
    [],
    ["contains"],
    ["exact"],
    ["gt"],
    ["gte"],
    ["lt"],
    ["lte"],
)  # lookups whose SQL does not depend on the value
Compiled = tuple[str, Sequence[Any]]  # SQL and its parameters
MAX_COMPILED = 100  # combinations of conditions and orders


@dataclass(frozen=True)
class Slot:
    """The place of a value in the parameters of compiled SQL. Values are numbered from 0."""

    number: int


class PreparedList:
    """The rows of a QuerySet, as tuples: ``columns`` (names or expressions), and those of the order that are
    not among them.

    ``queryset`` is called once, when the list is first read.
    """

    def __init__(self, queryset: Callable[[], QuerySet[Any]], columns: Sequence[str | Combinable]) -> None:
        self._queryset = queryset
        self.columns = columns
        self._compiled: dict[Hashable, Compiled] = {}

    @cached_property
    def sort_values(self) -> PreparedList:
        """The same rows with the columns of the order only."""
        return PreparedList(self._queryset, ())

    @cached_property
    def base(self) -> QuerySet[Any]:
        """The QuerySet with all its rows."""
        return self._queryset()

    @cached_property
    def aliases(self) -> frozenset[str]:
        """The names of the expressions by which the QuerySet can be ordered, beside its columns."""
        return frozenset(self.base.query.annotations)

    def rows(self) -> PreparedRows:
        """All rows. They have the methods of the QuerySet that only filter and order."""
        return self._rows

    @cached_property
    def _rows(self) -> PreparedRows:
        return PreparedRows(self, (), tuple(map(str, self.base.query.order_by)))

    def fetch(self, rows: PreparedRows, start: int, stop: int) -> list[tuple[Any, ...]]:
        """The rows from ``start`` up to and without ``stop``, numbered from 0."""
        if not self.aliases.isdisjoint(names_of(rows.order)):
            return list(self._by_ids(rows, start, stop))
        if any(each.shape is None for each in rows.conditions):
            return list(rows.queryset()[start:stop])
        shape = (rows.order, *(each.shape for each in rows.conditions))
        sql, parameters = self._compiled.get(shape) or self._compile(shape, rows)
        values = [value for each in rows.conditions for value in each.values]
        filled = [values[each.number] if isinstance(each, Slot) else each for each in parameters]
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} LIMIT %s OFFSET %s", [*filled, stop - start, start])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def _by_ids(self, rows: PreparedRows, start: int, stop: int) -> QuerySet[Any]:
        """The rows of a subquery that sorts the ids only.

        No index has the order of an expression. PostgreSQL would read the columns of all rows, and write
        their JSON as text, before it sorts them.
        """
        ids = self.selected([each.condition for each in rows.conditions]).order_by(*rows.order)
        return self.filtered([Q(pk__in=ids.values("pk")[start:stop])], rows.order)

    def _compile(self, shape: Hashable, rows: PreparedRows) -> Compiled:
        slots = map(Slot, count())
        filtered = self.filtered([with_slots(each.condition, slots) for each in rows.conditions], rows.order)
        compiler: Any = filtered.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        converted = compiler.get_converters([column for column, *_ in compiler.select])
        if converted:
            raise TypeError(f"Django converts these columns, which must be read as they are: {converted}")
        if len(self._compiled) >= MAX_COMPILED:
            self._compiled.clear()
        self._compiled[shape] = sql, parameters
        return sql, parameters

    def filtered(self, conditions: Iterable[Q], order: Sequence[str]) -> QuerySet[Any]:
        """The QuerySet of the tuples of these rows."""
        added = [self._sort_value(name) for name in self._added(order)]
        return self.selected(conditions).order_by(*order).values_list(*self.columns, *added)

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


class Condition(NamedTuple):
    """A condition, what determines its SQL, and the values in it. ``shape`` is None for other conditions."""

    condition: Q
    shape: Hashable | None
    values: Sequence[Any]


class PreparedRows:
    """Some rows of a PreparedList. ``rows[:20]`` are tuples: its columns, and further ones of the order.

    A method of the QuerySet works if it only calls ``filter``, ``exclude`` and ``order_by``. A search
    also has ``unsearched`` and ``walked``, as a SearchableQuerySet has them.
    """

    unsearched: Self | None = None
    walked: Self | None = None

    def __init__(
        self, prepared: PreparedList, conditions: tuple[Condition, ...], order: tuple[str, ...]
    ) -> None:
        self.prepared = prepared
        self.conditions = conditions
        self.order = order

    @property
    def model(self) -> type[Model]:
        return self.prepared.base.model

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
        except NotPrepared:
            added = Condition(condition, None, ())
        found = type(self)(self.prepared, (*self.conditions, added), self.order)
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
        found = type(self)(self.prepared, self.conditions, order)
        if self.unsearched is not None and self.walked is not None:
            found.unsearched = self.unsearched.order_by(*order)
            found.walked = self.walked.order_by(*order)
        return found

    def queryset(self) -> QuerySet[Any]:
        """The QuerySet of the same tuples."""
        return self.prepared.filtered([each.condition for each in self.conditions], self.order)

    def sort_values_of(self, row: tuple[Any, ...]) -> list[Any]:
        """The values of the columns of the order in a row of this list."""
        return self.prepared.sort_values_of(row, self.order)

    def sort_values_at(self, place: int) -> tuple[Any, ...] | None:
        """The columns of the order of one row, numbered from 0; None if there are fewer rows."""
        rows = type(self)(self.prepared.sort_values, self.conditions, self.order)
        return next(iter(rows[place : place + 1]), None)

    def __getitem__(self, page: slice) -> list[tuple[Any, ...]]:
        assert page.step is None
        return self.prepared.fetch(self, page.start or 0, page.stop)

    def __getattr__(self, name: str) -> Any:
        method = getattr(type(self.prepared.base), name)
        if isinstance(method, int):
            return method
        if not getattr(method, "__module__", "").startswith("accounts."):
            raise AttributeError(f"A prepared list has no {name}. Use the QuerySet.")
        return MethodType(method, self)


class NotPrepared(Exception):
    """A condition whose SQL depends on its value, or that is not a condition on a column."""


def shape_of(condition: Any, model: type[Model], values: list[Any]) -> Hashable:
    """What determines the condition's SQL. Appends the values to ``values``. Raises NotPrepared."""
    if isinstance(condition, Q):
        children = (shape_of(child, model, values) for child in condition.children)
        return (condition.connector, condition.negated, *children)
    if not isinstance(condition, tuple):
        raise NotPrepared
    lookup, value = condition
    if is_constant(value):
        if value is None and lookup.rpartition("__")[2] in ("gt", "gte", "lt", "lte"):
            raise ValueError(f"{lookup} cannot be compared with None.")
        return (lookup, value)
    if isinstance(value, BaseExpression | Combinable | QuerySet | Query):
        raise NotPrepared
    field = field_of(model, lookup)
    value = field.get_prep_value(value.pk if isinstance(value, Model) else value)
    values.append(field.get_db_prep_value(value, connection, prepared=True))
    return (lookup,)


def with_slots(condition: Any, slots: Any) -> Any:
    """The condition with a Slot in place of each value, in the order of ``shape_of``."""
    if isinstance(condition, Q):
        children = [with_slots(child, slots) for child in condition.children]
        return Q(*children, _connector=condition.connector, _negated=condition.negated)
    lookup, value = condition
    return (lookup, value if is_constant(value) else Value(next(slots)))


def names_of(order: Sequence[str]) -> list[str]:
    """The columns of an order, without the sign of a descending one."""
    return [column.lstrip("-") for column in order]


def is_constant(value: Any) -> bool:
    """Whether the value is a part of the SQL's shape."""
    return value is None or isinstance(value, bool | Now)


@lru_cache(maxsize=1_000)
def field_of(model: type[Model], lookup: str) -> Field[Any, Any]:
    """The field of a lookup such as ``created_at__lt``. Raises NotPrepared if the value changes its SQL."""
    try:
        _, _, targets, rest = Query(model).names_to_path(lookup.split("__"), model._meta)
    except FieldError:
        raise NotPrepared from None
    field: Field[Any, Any] = targets[0]
    is_text = isinstance(field, CharField | TextField)
    if list(rest) not in SAME_SQL or (rest == ["contains"] and not is_text):
        raise NotPrepared
    return field
