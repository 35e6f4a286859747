"""How a serializer reads a row. DRF decides for each value of each row; here it is decided once per field."""

from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Any

from rest_framework import serializers

Reader = Callable[[Any], Any]


def reader_of(field: serializers.Field[Any, Any, Any, Any]) -> Reader:
    """The function that reads the field's value of a row, as JSON. Raises SkipField as DRF does."""
    if isinstance(field, serializers.PrimaryKeyRelatedField) and field.pk_field is None:
        return attrgetter(f"{field.source}_id")
    own_rule = type(field).get_attribute is not serializers.Field.get_attribute or field.source == "*"
    get = field.get_attribute if own_rule else _attribute_of(field)
    write = _writer_of(field)

    def read(row: Any) -> Any:
        value = get(row)
        return None if value is None else write(value)

    return read


def _attribute_of(field: serializers.Field[Any, Any, Any, Any]) -> Reader:
    """Reads the attribute. Methods and absent attributes are left to DRF, which knows defaults."""
    attribute, rule = attrgetter(str(field.source)), field.get_attribute

    def get(row: Any) -> Any:
        try:
            value = attribute(row)
        except (AttributeError, KeyError):
            return rule(row)
        return rule(row) if callable(value) else value

    return get


def _writer_of(field: serializers.Field[Any, Any, Any, Any]) -> Reader:
    """``to_representation``, or a faster function with the same result."""
    writer = type(field).to_representation
    if writer is serializers.CharField.to_representation:
        return str
    if writer is serializers.IntegerField.to_representation:
        return int
    if writer is serializers.DateTimeField.to_representation:
        return lambda instant: in_utc(instant) or field.to_representation(instant)
    return field.to_representation


def in_utc(instant: datetime) -> str | None:
    """An instant of the database in ISO 8601 with Z. None if it is not in UTC."""
    text = instant.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else None
