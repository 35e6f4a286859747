"""The types of the OpenAPI document, so that generated clients can rely on them.

The component of an answer requires every property that is always sent, and allows null only where null is
sent. The component of a request requires what the API requires.
"""

from collections.abc import Iterator
from copy import copy
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field as Column
from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance
from rest_framework import serializers

from accounts.rest.total_counts import TOTAL_HEADERS

AnyField = serializers.Field[Any, Any, Any, Any]
SCHEMAS = "#/components/schemas/"
LINK = {
    "description": 'The URL of the next page, as `<...>; rel="next"` (RFC 8288). Absent on the last page.',
    "schema": {"type": "string"},
}


class TypedSchema(AutoSchema):
    """An operation of the document with types that hold."""

    def get_paginated_name(self, serializer_name: str) -> str:
        """The name of the component of a list, which is an array."""
        return f"{serializer_name}List"

    def get_request_serializer(self) -> Any:
        """The serializer of the body. A DELETE has a body only if ``extend_schema`` names one."""
        return None if self.method == "DELETE" else super().get_request_serializer()

    def _get_request_body(self, direction: Any = "request") -> Any:
        if self.method != "DELETE":
            return super()._get_request_body(direction)
        return (
            self._as("POST", super()._get_request_body, direction) if self.get_request_serializer() else None
        )

    def _get_request_for_media_type(self, serializer: Any, direction: Any = "request") -> Any:
        if not getattr(serializer, "requires_all", False):
            return super()._get_request_for_media_type(serializer, direction)
        return self._as("POST", super()._get_request_for_media_type, serializer, direction)

    def _as(self, method: str, function: Any, *arguments: Any) -> Any:
        """Calls ``function`` as if the operation had another method: drf-spectacular has no body for DELETE,
        and requires no property for PATCH.
        """
        own, self.method = self.method, method
        try:
            return function(*arguments)
        finally:
            self.method = own

    def _get_response_headers_for_code(self, status_code: str, direction: Any = "response") -> Any:
        headers = super()._get_response_headers_for_code(status_code, direction)
        if status_code == "200" and self._is_list_view() and self._get_paginator():
            headers |= {"Link": LINK, **TOTAL_HEADERS}
        return headers

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)
        if direction == "response" and "properties" in schema:
            sent = always_sent(force_instance(serializer))
            schema["required"] = sorted(sent & schema["properties"].keys())
        return schema

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        if direction == "response" and field.allow_null and never_null(field):
            field = copy(field)
            field.allow_null = False
        schema = super()._map_serializer_field(field, direction, bypass_extensions)
        if direction == "request" and isinstance(field, serializers.DecimalField) and not field.read_only:
            schema = {"anyOf": [schema, {"type": "number"}]}
        return schema

    def _get_serializer_field_meta(self, field: Any, direction: Any) -> Any:
        """Describes a default value, because generated clients require properties with a ``default``."""
        meta = super()._get_serializer_field_meta(field, direction)
        if (default := meta.pop("default", "")) not in ("", None):
            meta["description"] = " ".join([*filter(None, [meta.get("description")]), f"Default: {default}."])
        return meta


def always_sent(serializer: Any) -> set[str]:
    """The names of the fields that every answer contains.

    A serializer of a model writes all. Others leave out a field with ``required=False`` that has no value.
    """
    of_model = isinstance(serializer, serializers.ModelSerializer)
    return {
        name for name, field in serializer.fields.items() if of_model or field.required or field.read_only
    }


def never_null(field: AnyField) -> bool:
    """Whether ``field`` accepts null in a request, but its column cannot be null."""
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    if model is None or field.read_only:
        return False
    try:
        column = model._meta.get_field(field.source)
    except FieldDoesNotExist:
        return False
    return isinstance(column, Column) and not column.null


class FilterTypes(DjangoFilterExtension):
    """The types of filters. A filter with ``openapi_schema`` has this schema; the rest is derived.

    An empty filter selects every row.
    """

    target_class = "accounts.filters.backend.NamedFilterBackend"
    priority = 1

    def resolve_filter_field(self, auto_schema: Any, model: Any, filterset: Any, name: str, each: Any) -> Any:
        """The query parameters of a filter."""
        parameters = super().resolve_filter_field(auto_schema, model, filterset, name, each)
        for parameter in parameters:
            parameter["allowEmptyValue"] = True
            if schema := getattr(each, "openapi_schema", None):
                parameter["schema"] = dict(schema)
        return parameters


def tidy_components(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Writes null in place of its component, and removes components that nothing refers to."""
    schemas = result["components"]["schemas"]
    schemas.pop("NullEnum", None)
    for part in parts_of(result):
        if part.get("$ref") == f"{SCHEMAS}NullEnum":
            part.clear()
            part["type"] = "null"
    while unused := schemas.keys() - {name_of(part) for part in parts_of(result)}:
        for name in unused:
            del schemas[name]
    return result


def name_of(part: dict[str, Any]) -> str:
    """The name of the component to which a part of the document refers, or ""."""
    reference = part.get("$ref")
    return reference.removeprefix(SCHEMAS) if isinstance(reference, str) else ""


def parts_of(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts_of(each)
