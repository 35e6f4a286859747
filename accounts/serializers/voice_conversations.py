"""Serializers of voice conversations, and the shapes of a transcription."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import VoiceConversation
from accounts.models.voice_conversations import MAX_MINUTES
from accounts.serializers.feedback import FeedbackField, GeneratedFeedbackField
from accounts.serializers.fields import (
    ChoiceLabelField,
    ModelSerializer,
    TextField,
    UUIDTextField,
    WholeMinutesField,
)
from accounts.serializers.shapes import REPORTED_USAGE, TRANSCRIPTION
from accounts.values import transcripts
from accounts.values.plain_text import is_blank

LABEL_KEYS = {"messages": "role", "segments": "speaker"}
TRANSCRIPTION_SHAPES = (
    "Expected a non-blank string, or an object with messages [{role, text}] or [{role, content}],"
    " segments [{speaker, text}] or full_text."
)


@extend_schema_field(TRANSCRIPTION, component_name="Transcription")
class TranscriptionField(serializers.JSONField):
    """A non-blank string, or an object of a known shape. The API returns it as it was sent."""

    def to_internal_value(self, data: Any) -> Any:
        """The unchanged value. Raises ValidationError for another shape, or if every text is blank."""
        if isinstance(data, str) and not is_blank(data):
            return data
        if not isinstance(data, dict) or not {*LABEL_KEYS, "full_text"} & set(data):
            raise serializers.ValidationError(TRANSCRIPTION_SHAPES)
        texts = [text for name in LABEL_KEYS if name in data for text in turn_texts(name, data[name])]
        if "full_text" in data:
            if not isinstance(data["full_text"], str):
                raise serializers.ValidationError({"full_text": ["Expected a string."]})
            texts.append(data["full_text"])
        if all(map(is_blank, texts)):
            raise serializers.ValidationError("This transcription contains no text.")
        return data


def turn_texts(name: str, turns: Any) -> list[str]:
    """The texts of a list of turns. Raises ValidationError with the path of the first malformed turn."""
    if not isinstance(turns, list):
        raise serializers.ValidationError({name: ["Expected a list of objects."]})
    for index, turn in enumerate(turns):
        if error := error_in_turn(turn, LABEL_KEYS[name]):
            raise serializers.ValidationError({name: {str(index): error}})
    return [transcripts.text_of(turn) for turn in turns]


def error_in_turn(turn: Any, label: str) -> dict[str, list[str]] | None:
    """The message for the first malformed key of a turn, by key; None if the turn is valid.

    A turn has ``text``, or OpenAI's ``content``: a string, a list of parts, or null.
    """
    if not isinstance(turn, dict) or not isinstance(turn.get(label), str):
        return {label: [f"Expected an object with {label} as a string."]}
    if turn.get("text") is not None or "content" not in turn:
        is_text = isinstance(turn.get("text"), str)
        return None if is_text else {"text": ["Expected an object with text as a string."]}
    content = turn["content"]
    is_parts = isinstance(content, list) and all(isinstance(part, str | dict) for part in content)
    if content is None or isinstance(content, str) or is_parts:
        return None
    return {"content": ["Expected a string, or a list of parts with text."]}


@extend_schema_field(REPORTED_USAGE, component_name="ReportedUsage")
class ReportedUsageField(serializers.JSONField):
    """The usage of a voice session, or null."""


class VoiceConversationSerializer(ModelSerializer[VoiceConversation]):
    user_name = TextField(source="user.name", read_only=True)
    user_email = serializers.EmailField(source="user.email", read_only=True)
    transcription = TranscriptionField()
    conversation_type = serializers.ChoiceField(
        choices=VoiceConversation.Type.choices, required=False, allow_null=True
    )
    conversation_type_display = ChoiceLabelField(VoiceConversation.Type.choices, source="conversation_type")
    duration_minutes = WholeMinutesField(longest=MAX_MINUTES, required=False, allow_null=True)
    ai_feedback = FeedbackField(required=False, allow_null=True)
    generated_feedback = GeneratedFeedbackField(read_only=True, allow_null=True)
    client_id = UUIDTextField(required=False, allow_null=True)
    reported_usage = ReportedUsageField(read_only=True, allow_null=True)

    class Meta:
        model = VoiceConversation
        fields = [
            "id",
            "user",
            "user_name",
            "user_email",
            "topic",
            "transcription",
            "native_language",
            "native_language_code",
            "target_language",
            "target_language_code",
            "conversation_type",
            "conversation_type_display",
            "duration_minutes",
            "ai_feedback",
            "generated_feedback",
            "feedback_status",
            "feedback_error",
            "client_id",
            "session",
            "reported_usage",
            "comments_count",
            "created_at",
            "updated_at",
        ]
        read_only_fields = [
            "user",
            "native_language_code",
            "target_language_code",
            "generated_feedback",
            "feedback_status",
            "feedback_error",
            "session",
            "reported_usage",
        ]
        validators: list[Any] = []  # a repeated client_id is a retry, not an error

    def validate_conversation_type(self, value: str | None) -> str:
        """The type, or the default for null."""
        return value or VoiceConversation.Type.PRACTICE

    def validate_ai_feedback(self, value: dict[str, Any] | None) -> dict[str, Any]:
        """The feedback, or an empty object for null."""
        return value or {}


class FeedbackAddedSerializer(serializers.Serializer[Any]):
    """The conversation with the merged feedback."""

    message = TextField()
    conversation = VoiceConversationSerializer()
