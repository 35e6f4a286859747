"""Conditions of a compiled list: what determines their SQL, and the values in them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.exceptions import FieldError
from django.db import connection
from django.db.models import CharField, Field, Model, Q, QuerySet, TextField, Value
from django.db.models.expressions import BaseExpression, Combinable
from django.db.models.functions import Now
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


@dataclass(frozen=True)
class Slot:
    """The place of a value in the parameters of compiled SQL. Values are numbered from 0."""

    number: int


class Condition(NamedTuple):
    """A condition, what determines its SQL, and the values in it. ``shape`` is None for other conditions."""

    condition: Q
    shape: Hashable | None
    values: Sequence[Any]


class NotCompiled(Exception):
    """A condition whose SQL depends on its value, or that is not a condition on a column."""


def shape_of(condition: Any, model: type[Model], values: list[Any]) -> Hashable:
    """What determines the condition's SQL. Appends the values to ``values``. Raises NotCompiled."""
    if isinstance(condition, Q):
        children = (shape_of(child, model, values) for child in condition.children)
        return (condition.connector, condition.negated, *children)
    if not isinstance(condition, tuple):
        raise NotCompiled
    lookup, value = condition
    if is_constant(value):
        if value is None and lookup.rpartition("__")[2] in ("gt", "gte", "lt", "lte"):
            raise ValueError(f"{lookup} cannot be compared with None.")
        return (lookup, value)
    if isinstance(value, BaseExpression | Combinable | QuerySet | Query):
        raise NotCompiled
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


def is_constant(value: Any) -> bool:
    """Whether the value is a part of the SQL's shape."""
    return value is None or isinstance(value, bool | Now)


@lru_cache(maxsize=1_000)
def field_of(model: type[Model], lookup: str) -> Field[Any, Any]:
    """The field of a lookup such as ``created_at__lt``. Raises NotCompiled if the value changes its SQL."""
    try:
        _, _, targets, rest = Query(model).names_to_path(lookup.split("__"), model._meta)
    except FieldError:
        raise NotCompiled from None
    field: Field[Any, Any] = targets[0]
    is_text = isinstance(field, CharField | TextField)
    if list(rest) not in SAME_SQL or (rest == ["contains"] and not is_text):
        raise NotCompiled
    return field
