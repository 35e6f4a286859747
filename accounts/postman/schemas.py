"""JSON schemas for Postman's tests. Postman validates with Ajv 6: JSON Schema draft 7."""

from collections.abc import Iterator
from typing import Any

PREFIX = "#/components/schemas/"
FORMATS = {"date", "date-time", "email", "uri", "uuid"}  # others are unknown to Ajv
WORDS = {"description", "title", "example", "examples", "default", "readOnly", "writeOnly", "deprecated"}


def standalone(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """The schema with the definitions that it refers to, without its words."""
    found: dict[str, Any] = {}
    _collect(schema, components, found)
    definitions = {name: _plain(each) for name, each in sorted(found.items())}
    return {**_plain(schema), **({"definitions": definitions} if definitions else {})}


def _collect(value: Any, components: dict[str, Any], found: dict[str, Any]) -> None:
    for name in _references(value):
        if name not in found:
            found[name] = components[name]
            _collect(components[name], components, found)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference.removeprefix(PREFIX)
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _references(each)


def _plain(value: Any) -> Any:
    """A schema without words, and without formats that Ajv refuses."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    plain = {}
    for key, each in value.items():
        if key == "properties":
            plain[key] = {name: _plain(schema) for name, schema in each.items()}
        elif key == "$ref":
            plain[key] = each.replace(PREFIX, "#/definitions/")
        elif key not in WORDS and not (key == "format" and each not in FORMATS):
            plain[key] = _plain(each)
    return plain
