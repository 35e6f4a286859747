"""Serializers of voice sessions: requests, responses and export."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.integrations.realtime_session import MAX_SPEED, MIN_SPEED, PAUSES, VOICES
from accounts.models import VoiceSession
from accounts.models.feedback import Level
from accounts.serializers.fields import ModelSerializer, NumberField, TextField, UUIDTextField
from accounts.serializers.voice_conversations import VoiceConversationSerializer

MAX_EVENTS = 500  # of one request


def one_of(name: str, words: Any) -> serializers.ChoiceField:
    """An optional choice. The error message lists the words."""
    message = f"There is no {name} {{input!r}}. Expected one of {', '.join(words)}."
    return serializers.ChoiceField(
        choices=list(words), required=False, allow_null=True, error_messages={"invalid_choice": message}
    )


@extend_schema_serializer(component_name="NewVoiceSession")
class VoiceSessionRequestSerializer(VoiceConversationSerializer):
    """The topic and languages of a session, validated as in a conversation, and how the tutor speaks.

    ``speed`` multiplies the tutor's normal speed. ``pause`` is how long the tutor waits for the learner to
    go on. Both depend on the level if they are left out.
    """

    level = serializers.ChoiceField(
        choices=Level.choices,
        required=False,
        allow_null=True,
        error_messages={
            "invalid_choice": f"There is no level {{input!r}}. Levels: {', '.join(Level.values)}."
        },
    )
    voice = one_of("voice", VOICES)
    speed = NumberField(min_value=MIN_SPEED, max_value=MAX_SPEED, required=False, allow_null=True)
    pause = one_of("pause", PAUSES)
    transport = one_of("transport", VoiceSession.Transport.values)

    class Meta(VoiceConversationSerializer.Meta):
        fields = [
            "topic",
            "native_language",
            "target_language",
            "conversation_type",
            "level",
            "voice",
            "speed",
            "pause",
            "transport",
        ]
        read_only_fields: list[str] = []

    def validate_transport(self, value: str | None) -> str:
        """The transport, or the default for null."""
        return value or VoiceSession.Transport.CALL


class VoiceSessionSerializer(serializers.Serializer[Any]):
    """A session. The last three only with ``transport`` "secret"."""

    id = serializers.IntegerField()
    call_url = serializers.URLField(help_text="Takes the browser's SDP offer.")
    events_url = serializers.URLField(help_text="Takes the events of the call.")
    model = TextField()
    ends_at = serializers.DateTimeField(help_text="The call is hung up then.")
    max_minutes = serializers.IntegerField()
    session = serializers.DictField(help_text="The session's configuration at OpenAI.")
    client_secret = TextField(required=False)
    expires_at = serializers.DateTimeField(required=False)
    realtime_url = serializers.URLField(required=False)


class TurnSerializer(serializers.Serializer[Any]):
    """A turn. ``started_at_ms`` counts from the beginning of the audio; null if OpenAI reports no time."""

    role = TextField(help_text="user or assistant.")
    text = TextField(help_text="Empty if the learner's words could not be transcribed.")
    item_id = TextField()
    started_at_ms = serializers.IntegerField(allow_null=True)
    interrupted = serializers.BooleanField()
    audio_end_ms = serializers.IntegerField(required=False)


class TurnsSerializer(serializers.Serializer[Any]):
    """The turns so far, and the id of the last item of the conversation."""

    turns = TurnSerializer(many=True)
    last_item_id = TextField(allow_null=True)


@extend_schema_field(TurnSerializer(many=True))
class StoredTurnsField(serializers.ListField):
    """The turns, as ``TurnSerializer`` describes them. They are returned as they are stored."""


class SessionStateSerializer(serializers.Serializer[Any]):
    """A session, and the turns so far. ``conversation`` is the id of the saved conversation, or null."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=VoiceSession.State.choices)
    ends_at = serializers.DateTimeField()
    turns = StoredTurnsField()
    conversation = serializers.IntegerField(allow_null=True)


class EventsSerializer(serializers.Serializer[Any]):
    """Up to 500 events of OpenAI, as the browser received them."""

    events = serializers.ListField(child=serializers.DictField(), max_length=MAX_EVENTS)


def checked_events(body: Any) -> list[dict[str, Any]]:
    """The events of a request. Raises ValidationError. What an event contains is not checked."""
    events = body.get("events") if isinstance(body, dict) else None
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        raise serializers.ValidationError({"events": ["Expected a list of objects."]})
    if len(events) > MAX_EVENTS:
        raise serializers.ValidationError({"events": [f"Up to {MAX_EVENTS} events in one request."]})
    return events


class FinishSerializer(serializers.Serializer[Any]):
    """The topic, if it differs from the session's, and the ``client_id`` of the conversation."""

    topic = TextField(max_length=200, required=False)
    client_id = UUIDTextField(required=False, allow_null=True)


@extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": {}}})
class EventsField(serializers.JSONField):
    """The contents of the events of a session."""


class ExportedVoiceSessionSerializer(ModelSerializer[VoiceSession]):
    """A voice session in the user's export, with the events that are not saved as a conversation yet."""

    # Of VoiceSessionQuerySet.with_stored_events.
    events = EventsField(source="stored_events", read_only=True)

    class Meta:
        model = VoiceSession
        fields = [
            "created_at",
            "state",
            "topic",
            "native_language",
            "target_language",
            "conversation_type",
            "ends_at",
            "reserved_minutes",
            "charged_minutes",
            "events",
        ]
