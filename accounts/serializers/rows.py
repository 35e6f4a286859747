"""Rows of a list as JSON values, written from the columns of one query.

A serializer reads attributes of a model instance, field by field. A RowWriter has the serializer's fields,
and writes the same values from a tuple of columns.
"""

from collections.abc import Callable, Collection, Sequence
from operator import itemgetter
from typing import Any

import orjson
from django.db.models import TextField, UUIDField
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from rest_framework import serializers

from accounts.models.raw_json import RawJSON
from accounts.values import exact_json

AS_THEY_ARE = (
    serializers.CharField,
    serializers.IntegerField,
    serializers.BigIntegerField,
    serializers.FloatField,
    serializers.BooleanField,
    serializers.UUIDField,
    serializers.DecimalField,
    serializers.DateTimeField,
    serializers.ListField,
    serializers.ChoiceField,
)
Column = str | Combinable
Convert = Callable[[Any], Any]
AnyField = serializers.Field[Any, Any, Any, Any]


class RowWriter:
    """Writes the fields of a serializer of a model. ``columns`` are those to read, relative to the model.

    ``names`` restricts the fields. ``path`` leads from the queried model to the serializer's, such as
    ``teacher__``. The values of the fields ``given`` are not read: they are the last ones of a row.
    Raises TypeError for a field that reads more than one column.
    """

    def __init__(
        self,
        serializer: serializers.Serializer[Any],
        names: Collection[str] | None = None,
        path: str = "",
        given: Sequence[str] = (),
    ) -> None:
        self.columns: list[Column] = []
        self._names: list[str] = []
        places: list[int] = []
        self._converted: list[tuple[str, Convert]] = []
        self._nested: list[tuple[str, slice, Convert]] = []
        for name, field in serializer.fields.items():
            if field.write_only or (names is not None and name not in names):
                continue
            self._names.append(name)
            if name in given:
                places.append(given.index(name) - len(given))
                continue
            places.append(len(self.columns))
            if isinstance(field, serializers.ModelSerializer):
                writer = RowWriter(field, path=f"{path}{_lookup(field)}__")
                self.columns += writer.columns
                write = writer.write_or_null if field.allow_null else writer.write
                self._nested.append((name, slice(places[-1], len(self.columns)), write))
                continue
            self.columns.append(_column_of(field, path))
            if convert := _convert_of(field):
                self._converted.append((name, convert))
        self._values = itemgetter(*places) if len(places) > 1 else _tuple_getter(places[0])

    def write(self, row: tuple[Any, ...]) -> dict[str, Any]:
        """The fields of a row. ``row`` begins with ``columns`` and ends with the values of ``given``."""
        found = dict(zip(self._names, self._values(row), strict=True))
        for name, convert in self._converted:
            value = found[name]
            if value is not None:
                found[name] = convert(value)
        for name, columns, write in self._nested:
            found[name] = write(row[columns])
        return found

    def write_or_null(self, row: tuple[Any, ...]) -> dict[str, Any] | None:
        """As ``write``. None if the first column is null, because there is no such row."""
        return None if row[0] is None else self.write(row)


def _tuple_getter(place: int) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    return lambda row: (row[place],)


def _column_of(field: AnyField, path: str) -> Column:
    if field.source == "*" or isinstance(field, serializers.BaseSerializer):
        raise TypeError(f"{field.field_name} has no column of its own.")
    column = path + _lookup(field)
    if isinstance(field, serializers.JSONField):
        return RawJSON(column)
    is_text = isinstance(field, serializers.UUIDField | serializers.DecimalField)
    if isinstance(field, serializers.PrimaryKeyRelatedField):
        column += "_id"
        parent: Any = field.parent
        key = parent.Meta.model._meta.get_field(field.source).target_field
        is_text = isinstance(key, UUIDField)
    # Python takes longer for UUID and Decimal objects than PostgreSQL for their text.
    return Cast(column, TextField()) if is_text else column


def _lookup(field: AnyField) -> str:
    return str(field.source).replace(".", "__")


def _convert_of(field: AnyField) -> Convert | None:
    """The conversion of the column's value, if it is not null. None if the value is JSON already."""
    if isinstance(field, serializers.JSONField):
        return stored_json
    rule = type(field).to_representation
    if any(rule is each.to_representation for each in AS_THEY_ARE):
        return None
    if isinstance(field, serializers.PrimaryKeyRelatedField):
        return None
    return field.to_representation


def stored_json(json: bytes) -> Any:
    """Stored JSON as a value for the renderer.

    It is not parsed, unless it may contain a number that Python would write differently: a float of more
    than 18 digits ends in zeros, and PostgreSQL writes it without an exponent.
    """
    if b"00" in json and exact_json.HAS_LONG_NUMBER.search(json):
        return exact_json.loads(json)
    return orjson.Fragment(json)
