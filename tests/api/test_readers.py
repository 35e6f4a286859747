"""Serializers write the values that DRF writes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from rest_framework import serializers

from accounts.models import Gig, VoiceConversation
from accounts.serializers.fields import ModelSerializer
from accounts.serializers.gigs import GigSerializer
from accounts.serializers.readers import reader_of
from tests.fixtures.people import CARDS, GENERATED, GIGS, VOICE, Person

pytestmark = pytest.mark.django_db
PATHS = [
    "/accounts/users/",
    "/accounts/users/me/",
    "/accounts/users/me/export/",
    "/accounts/teachers/",
    "/accounts/teachers/?currency=EUR",
    "/accounts/teachers/me/",
    GIGS,
    f"{GIGS}mine/",
    CARDS,
    f"{CARDS}summary/",
    VOICE,
    f"{VOICE}?fields=topic,user",
]


@pytest.fixture
def everything(teacher: Person, student: Person, make_person: Callable[..., Person]) -> Person:
    """A teacher with rows of every kind, with and without their optional values."""
    make_person("Zoë", native_language="Deutsch", learning_languages=["es"], bio="Hallo", city="Ulm")
    for changes in ({}, {"status": "draft", "tags": [], "currency": "USD"}):
        teacher.offer(**changes)
    for changes in ({}, {"duration_minutes": None, "ai_feedback": {}, "transcription": "Ana: Hola"}):
        teacher.save_conversation(**changes)
    VoiceConversation.objects.filter(duration_minutes=None).update(generated_feedback=GENERATED)
    teacher.review(teacher.make_card())
    chat = teacher.open_chat(student)
    teacher.open_chat(make_person("Empty"))
    student.write(chat, client_id="9f0c1a52-6f0e-4a52-9d57-0a3ad2b0c111")
    teacher.write(chat)
    return teacher


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_answers_are_those_of_drf(everything: Person, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = everything.client.get(path).json()
    assert found
    monkeypatch.setattr(ModelSerializer, "to_representation", serializers.ModelSerializer.to_representation)
    assert everything.client.get(path).json() == found


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=2)), None])
def test_instants_are_in_utc(zone: Any) -> None:
    gig = Gig(created_at=datetime(2026, 1, 2, 3, 4, 5, 600, zone))
    field = GigSerializer().fields["created_at"]
    assert reader_of(field)(gig) == field.to_representation(field.get_attribute(gig))


def test_absent_values_have_the_rules_of_drf() -> None:
    class Absent(serializers.Serializer[Any]):
        default = serializers.CharField(source="missing", default="x")
        null = serializers.CharField(source="missing", allow_null=True)
        method = serializers.CharField(source="get_text")
        left_out = serializers.CharField(source="missing", required=False)

    class Row:
        def get_text(self) -> str:
            return "text"

    readers = {name: reader_of(field) for name, field in Absent().fields.items()}
    with pytest.raises(serializers.SkipField):
        readers.pop("left_out")(Row())
    assert {name: read(Row()) for name, read in readers.items()} == {
        "default": "x",
        "null": None,
        "method": "text",
    }
