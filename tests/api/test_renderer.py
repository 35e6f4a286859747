"""The renderer writes the JSON values that DRF writes."""

import gc
import json
import uuid
import weakref
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.test import RequestFactory
from django.utils.functional import lazystr
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.utils.serializer_helpers import ReturnDict

from accounts.models import VoiceConversation
from accounts.rest.renderers import MAX_INDENTED, FastJSONRenderer
from accounts.rest.viewsets import BaseViewSet, PublicEndpoint
from tests.fixtures.people import VOICE, Person

VALUES: list[Any] = [
    {},
    [],
    ReturnDict({"a": None}, serializer=None),
    {"text": 'é 日本 😀 \u2028 </script> \x7f "', 1: True, None: [(), ("a",)]},
    [0, -1, 2**63 - 1, -(2**63), 2**64 - 1, 0.1, 1e300, 5.0, -0.0, 1e-9],
    [2**64, -(2**63) - 1, 10**400],
    [uuid.UUID(int=5), Decimal("12.50"), date(2026, 1, 2), timedelta(seconds=1.5), lazystr("lazy")],
    [datetime(2026, 1, 2, 3, 4, 5, 6000, UTC), datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=2)))],
    [VoiceConversation.Type.PRACTICE, {"nested": [{"x": [[["deep"]]]}]}],
]


@pytest.mark.parametrize("value", VALUES)
def test_values_are_those_of_drf(value: Any) -> None:
    found = FastJSONRenderer().render(value, "application/json", {})
    assert json.loads(found) == json.loads(JSONRenderer().render(value, "application/json", {}))
    assert b'": ' not in found


def test_none_is_an_empty_body() -> None:
    assert FastJSONRenderer().render(None) == b""


@pytest.mark.django_db
def test_indented_json_is_written_on_request(student: Person) -> None:
    response = student.client.get("/accounts/users/me/", headers={"accept": "application/json; indent=4"})
    assert response.content.startswith(b'{\n    "id": ')


@pytest.mark.django_db
def test_a_list_with_stored_json_is_indented_on_request(student: Person) -> None:
    student.save_conversation(transcription={"full_text": "x", "number": 1e300})
    response = student.client.get(VOICE, headers={"accept": "application/json; indent=4"})
    assert response.content.startswith(b'[\n    {\n        "id": ')
    assert response.json() == student.client.get(VOICE).json()


def test_a_long_answer_is_not_indented() -> None:
    long, indented = [0] * MAX_INDENTED, "application/json; indent=8"
    assert FastJSONRenderer().render(long, indented) == FastJSONRenderer().render(long)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "number", [-9.5e18, 9.5e18, -(2.0**63), -9.999e18, 1.8e19, 1e300, -(2**63), 2**63 - 1]
)
def test_each_number_that_can_be_stored_can_be_read(student: Person, number: float) -> None:
    transcription = {"full_text": "x", "number": number}
    saved = student.save_conversation(transcription=transcription, ai_feedback={"number": number})
    for path in (VOICE, "/accounts/users/me/export/"):
        body = student.client.get(path).json()
        (found,) = body if path == VOICE else body["voice_conversations"]
        assert (found["id"], found["transcription"]) == (saved["id"], transcription)
        assert found["ai_feedback"] == {"number": number}


class Numbers(PublicEndpoint, BaseViewSet[Any]):
    paginators: ClassVar[list[weakref.ref[Any]]] = []

    def list(self, request: Any) -> Response:
        self.paginators.append(weakref.ref(self.paginator))
        return Response([1, 2, 3])


def test_a_rendered_response_and_its_rows_are_freed_without_the_garbage_collector() -> None:
    gc.disable()
    try:
        response = Numbers.as_view({"get": "list"})(RequestFactory().get("/")).render()
        reference = weakref.ref(response)
        assert response.content == b"[1,2,3]"
        del response
        assert (reference(), Numbers.paginators[-1]()) == (None, None)
    finally:
        gc.enable()
