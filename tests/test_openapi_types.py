"""The types of the OpenAPI document are those that generated clients can use."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.rest.openapi_types import parts_of
from accounts.serializers.fields import ModelSerializer, NullForEmptyField, ProfilePictureField
from accounts.serializers.reports import ReportedIdField
from tests.fixtures.openapi_document import document
from tests.fixtures.people import Person

DOCUMENT: dict[str, Any] = document()
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
TEXTS_IN_PATHS = {"language_name", "type_name"}
# Component -> the properties of an answer that are left out if they have no value.
SOMETIMES_SENT = {
    "Error": {"errors"},
    "SecondFactorRequired": {"access_token"},
    "Turn": {"audio_end_ms"},
    "VoiceSession": {"client_secret", "expires_at", "realtime_url"},
}
FREE_FORM = {"Feedback", "GeneratedFeedback", "ReportedUsage"}  # objects of clients, of OpenAI and of the AI
HIDDEN = {"Participant.email"}  # null until the participant has written
NULL_FROM_TEXT = (NullForEmptyField, ProfilePictureField, ReportedIdField)  # null is stored as ""


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The method, path and operation of each operation."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The component to which a schema refers, or the schema."""
    reference = schema.get("$ref")
    return SCHEMAS[reference.rpartition("/")[2]] if reference else schema


def answers(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The JSON schemas of the answers with status 2xx."""
    for status, answer in operation["responses"].items():
        schema = answer.get("content", {}).get("application/json", {}).get("schema")
        if status.startswith("2") and schema:
            yield resolved(schema)


def in_answers() -> dict[str, dict[str, Any]]:
    """The components of answers by name."""
    requests = {name for name in SCHEMAS if name.endswith("Request")}
    return {name: SCHEMAS[name] for name in SCHEMAS.keys() - requests - FREE_FORM}


def accepts_null(schema: dict[str, Any]) -> bool:
    return "null" in schema.get("type", "") or {"type": "null"} in schema.get("oneOf", [])


def subclasses(parent: type[Any]) -> Iterator[type[Any]]:
    for child in parent.__subclasses__():
        yield child
        yield from subclasses(child)


def test_every_parameter_and_property_has_a_type() -> None:
    for part in parts_of(DOCUMENT["paths"]):
        assert part.get("schema", True), part
        assert part.get("items", True), part
    for part in parts_of(SCHEMAS):
        assert all(part.get("properties", {}).values()), part
        if part.get("type") == "object":
            assert part.keys() & {"properties", "additionalProperties"}, part


def test_every_list_can_be_counted() -> None:
    lists = [
        operation
        for method, _, operation in operations()
        if method == "get" and any(schema.get("type") == "array" for schema in answers(operation))
    ]
    assert len(lists) > 10
    for operation in lists:
        assert "Prefer" in [each["name"] for each in operation["parameters"]], operation["operationId"]
        sent = operation["responses"]["200"]["headers"]
        assert {"X-Total-Count", "Preference-Applied"} <= sent.keys(), operation["operationId"]


def test_parameters_of_an_operation_have_different_names() -> None:
    for method, path, operation in operations():
        names = [parameter["name"] for parameter in operation.get("parameters", [])]
        assert len(names) == len(set(names)), (method, path, names)


def test_ids_in_paths_have_the_types_of_ids_in_bodies() -> None:
    for _, path, operation in operations():
        for parameter in operation.get("parameters", []):
            schema = parameter["schema"]
            if parameter["in"] == "path" and parameter["name"] not in TEXTS_IN_PATHS:
                assert schema["type"] == "integer" or schema.get("format") == "uuid", (path, parameter)
                assert "pattern" not in schema, (path, parameter)


def test_an_answer_requires_what_is_always_sent() -> None:
    for name, schema in in_answers().items():
        optional = schema.get("properties", {}).keys() - set(schema.get("required", []))
        assert optional == SOMETIMES_SENT.get(name, set()), name


def test_an_answer_is_null_only_where_the_column_may_be() -> None:
    """A property that a request accepts as null is null in an answer only if its column can store null."""
    serializers = {each.__name__.removesuffix("Serializer"): each for each in subclasses(ModelSerializer)}
    checked = 0
    for name, schema in in_answers().items():
        for key, value in schema.get("properties", {}).items():
            field = serializers[name]().fields[key] if name in serializers and accepts_null(value) else None
            if field is None or isinstance(field, NULL_FROM_TEXT) or "." in str(field.source):
                continue
            model = serializers[name].Meta.model
            columns = {column.name: column for column in model._meta.get_fields()}
            if field.source in columns and f"{name}.{key}" not in HIDDEN:
                assert columns[field.source].null, f"{name}.{key}"
                checked += 1
    assert checked > 20


def test_no_property_of_a_request_has_a_default() -> None:
    """openapi-typescript requires a property that has a ``default``."""
    for name, schema in SCHEMAS.items():
        for key, value in schema.get("properties", {}).items():
            assert "default" not in value, f"{name}.{key}"


WITH_BODY = [
    (method, path, resolved(operation["requestBody"]["content"]["application/json"]["schema"]))
    for method, path, operation in operations()
    if "application/json" in operation.get("requestBody", {}).get("content", {}) and "{" not in path
]


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path", "schema"), WITH_BODY)
def test_a_request_requires_what_the_api_requires(
    method: str, path: str, schema: dict[str, Any], teacher: Person
) -> None:
    response = teacher.client.generic(method, path, "{}", "application/json")
    errors = response.json().get("errors", {}) if response.content else {}
    assert set(errors) == set(schema.get("required", [])), response.content


def test_every_list_is_an_array_with_pages() -> None:
    lists = {
        path: operation
        for method, path, operation in operations()
        if method == "get" and any(schema["type"] == "array" for schema in answers(operation))
    }
    assert "/accounts/gigs/mine/" in lists
    assert len(lists) >= 17
    for path, operation in lists.items():
        names = {parameter["name"] for parameter in operation["parameters"]}
        if "after_seq" not in names:
            assert {"limit", "cursor"} <= names, path
            assert "Link" in operation["responses"]["200"]["headers"], path


def test_parameters_have_the_types_of_their_values() -> None:
    found: dict[str, dict[str, Any]] = {}
    for _, _, operation in operations():
        for parameter in operation.get("parameters", []):
            found.setdefault(parameter["name"], parameter)
    moment = {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
    assert found["has_feedback"]["schema"] == {"type": "boolean"}
    assert found["since"]["schema"] == found["until"]["schema"] == moment
    assert found["min_minutes"]["schema"]["type"] == "integer"
    assert found["teacher"]["schema"]["format"] == "uuid"
    fields = found["fields"]
    assert (fields["schema"]["type"], fields["explode"], fields["style"]) == ("array", False, "form")
    assert {"id", "transcription"} <= set(fields["schema"]["items"]["enum"])


def test_every_body_has_its_media_type() -> None:
    others = {
        (path, media_type)
        for _, path, operation in operations()
        for part in (operation.get("requestBody", {}), *operation["responses"].values())
        for media_type in part.get("content", {})
        if media_type != "application/json"
    }
    assert {(path.rpartition("accounts/")[2], media_type) for path, media_type in others} == {
        ("cards/export/", "text/csv"),
        ("cards/export/", "text/plain"),
        ("users/me/profile-picture/", "multipart/form-data"),
        ("voice-conversations/session/{id}/call/", "application/sdp"),
    }


def test_the_deletion_of_an_account_has_a_body() -> None:
    body = DOCUMENT["paths"]["/accounts/users/me/"]["delete"]["requestBody"]
    assert resolved(body["content"]["application/json"]["schema"])["required"] == ["confirm"]
    others = [
        path for method, path, operation in operations() if method == "delete" and "requestBody" in operation
    ]
    assert others == ["/accounts/users/me/"]
