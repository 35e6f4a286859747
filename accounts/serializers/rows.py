"""Rows of a list as JSON values, written from the columns of one query.

A serializer reads attributes of a model instance, field by field. A RowWriter has the serializer's fields,
and writes the same values from a tuple of columns.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
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
Write = Callable[[tuple[Any, ...]], dict[str, Any]]
AnyField = serializers.Field[Any, Any, Any, Any]


class RowWriter:
    """Writes the fields of a serializer of a model. ``columns`` are those to read, relative to the model.

    ``names`` restricts the fields. The values of the fields ``given`` are not read: they are the last ones of
    a row. Raises TypeError for a field that reads more than one column.

    ``write(row)`` returns a dict of the fields. ``row`` is a tuple that begins with ``columns`` and ends with
    the values of ``given``.
    """

    def __init__(
        self,
        serializer: serializers.Serializer[Any],
        names: Collection[str] | None = None,
        given: Sequence[str] = (),
    ) -> None:
        self.columns: list[Column] = []
        self._converts: dict[str, Convert] = {}
        fields = {name: field for name, field in serializer.fields.items() if names is None or name in names}
        source = self._source(fields, "", given)
        # Made from source, as in dataclasses: a loop over the fields takes 1.6 to 2.8 times as long.
        code = compile(f"lambda row: {source}", f"<row of {type(serializer).__name__}>", "eval")
        self.write: Write = eval(code, self._converts)

    def _source(self, fields: Mapping[str, AnyField], path: str, given: Sequence[str] = ()) -> str:
        """Python source of the dict of these fields, from a tuple ``row``. Appends their columns.

        ``path`` leads from the queried model to that of the fields, such as ``teacher__``.
        """
        values = []
        for name, field in fields.items():
            if field.write_only:
                continue
            place = len(self.columns)
            value = f"row[{place}]"
            if name in given:
                value = f"row[{given.index(name) - len(given)}]"
            elif isinstance(field, serializers.ModelSerializer):
                nested = self._source(field.fields, f"{path}{_lookup(field)}__")
                # The first column is null if there is no such row.
                value = f"None if {value} is None else {nested}" if field.allow_null else nested
            else:
                self.columns.append(_column_of(field, path))
                if convert := _convert_of(field):
                    self._converts[f"convert_{place}"] = convert
                    value = f"None if {value} is None else convert_{place}({value})"
            values.append(f"{name!r}: {value}")
        return f"{{{', '.join(values)}}}"


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
