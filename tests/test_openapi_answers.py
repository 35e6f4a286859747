"""The check of answers against the OpenAPI document, which every test client makes, finds differences."""

import json
from typing import Any

import pytest

from tests.fixtures.answers import mismatch, seen
from tests.fixtures.people import VOICE, Person

ME = "/accounts/users/me/"


def changed(response: Any, **keys: Any) -> Any:
    """The response with other values; a key with the value ... is removed."""
    body = {**json.loads(response.content), **keys}
    response.content = json.dumps({name: value for name, value in body.items() if value is not ...})
    del response._json
    return response


def difference(response: Any) -> str:
    seen.clear()
    return mismatch(response)


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({}, ""),
        ({"name": ...}, "'name' is a required property"),
        ({"timezone": None}, "None is not of type 'string'"),
        ({"date_of_birth": None}, ""),
        ({"role": "admin"}, "'admin' is not one of ['student', 'teacher']"),
    ],
)
def test_a_key_that_differs_is_found(keys: dict[str, Any], found: str, student: Person) -> None:
    response = changed(student.client.get(ME), **keys)
    assert difference(response).rpartition(": ")[2] == found


def test_an_undeclared_media_type_is_found(student: Person) -> None:
    response = student.client.get(ME)
    response["Content-Type"] = "text/csv"
    assert difference(response) == f"GET {ME} 200 does not declare text/csv."


def test_an_error_without_its_code_is_found(student: Person) -> None:
    response = changed(student.client.post(VOICE, {}), code=...)
    assert "'code' is a required property" in difference(response)
