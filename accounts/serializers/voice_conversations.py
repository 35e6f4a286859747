"""The voice conversation, as it comes and goes."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import VoiceConversation
from accounts.models.feedback import LARGEST_FEEDBACK, TEXT_KEYS, TEXT_LIST_KEYS
from accounts.models.voice_conversations import LONGEST_MINUTES
from accounts.serializers.fields import UUIDTextField, WholeMinutesField
from accounts.services import feedback_prompt
from accounts.values import exact_json

TURN_KEYS = {"messages": ("role", "text"), "segments": ("speaker", "text")}
TRANSCRIPTION_SHAPES = (
    "Expected a non-blank string, or an object with messages [{role, text}],"
    " segments [{speaker, text}] or full_text."
)


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "object"}]})
class TranscriptionField(serializers.JSONField):
    """What was said: a non-blank string, or an object of a known shape, kept as it is."""

    def to_internal_value(self, data: Any) -> Any:
        """The very value, if something is said in it."""
        if isinstance(data, str) and data.strip():
            return data
        if not isinstance(data, dict) or not {*TURN_KEYS, "full_text"} & set(data):
            raise serializers.ValidationError(TRANSCRIPTION_SHAPES)
        texts = [text for name in TURN_KEYS if name in data for text in turn_texts(name, data[name])]
        if "full_text" in data:
            if not isinstance(data["full_text"], str):
                raise serializers.ValidationError({"full_text": ["Expected a string."]})
            texts.append(data["full_text"])
        if not any(text.strip() for text in texts):
            raise serializers.ValidationError("Nothing is said in this transcription.")
        return data


def turn_texts(name: str, turns: Any) -> list[str]:
    """The texts of a list of turns; raises ValidationError with the path of a malformed one."""
    if not isinstance(turns, list):
        raise serializers.ValidationError({name: ["Expected a list of objects."]})
    for index, turn in enumerate(turns):
        for key in TURN_KEYS[name]:
            if not isinstance(turn, dict) or not isinstance(turn.get(key), str):
                message = f"Expected an object with {key} as a string."
                raise serializers.ValidationError({name: {str(index): {key: [message]}}})
    return [turn["text"] for turn in turns]


@extend_schema_field({"type": "object", "additionalProperties": True})
class FeedbackField(serializers.JSONField):
    """AI feedback: known keys are checked, others kept as they are."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The object, if every known key in it holds what it should."""
        if not isinstance(data, dict):
            raise serializers.ValidationError("Expected an object.")
        wrong = {key: [reason] for key, value in data.items() if (reason := objection(key, value))}
        if wrong:
            raise serializers.ValidationError(wrong)
        check_feedback_size(data)
        return data


@extend_schema_field(
    {
        "type": ["object", "null"],
        "properties": {**feedback_prompt.SCHEMA["properties"], "pronunciation_note": {"type": "string"}},
    }
)
class GeneratedFeedbackField(serializers.JSONField):
    """Feedback that AI wrote, or null."""


def objection(key: str, value: Any) -> str | None:
    """What is wrong with one key's value; None when nothing is."""
    if key.endswith("_score"):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (number and 0 <= value <= 100):
            return "Expected a number from 0 to 100, or null."
    if key in TEXT_KEYS and not isinstance(value, str):
        return "Expected a string."
    if key in TEXT_LIST_KEYS and not (
        isinstance(value, list) and all(isinstance(item, str) for item in value)
    ):
        return "Expected a list of strings."
    return None


def check_feedback_size(feedback: dict[str, Any]) -> None:
    """Raises ValidationError above LARGEST_FEEDBACK."""
    if exact_json.size_of(feedback) > LARGEST_FEEDBACK:
        raise serializers.ValidationError(f"Feedback may be up to {LARGEST_FEEDBACK:,} bytes.")


class VoiceConversationSerializer(serializers.ModelSerializer[VoiceConversation]):
    """One conversation; lists give the same object."""

    user_name = serializers.CharField(source="user.name", read_only=True)
    user_email = serializers.EmailField(source="user.email", read_only=True)
    transcription = TranscriptionField()
    conversation_type = serializers.ChoiceField(
        choices=VoiceConversation.Type.choices, required=False, allow_null=True
    )
    conversation_type_display = serializers.CharField(source="get_conversation_type_display", read_only=True)
    duration_minutes = WholeMinutesField(longest=LONGEST_MINUTES, required=False, allow_null=True)
    ai_feedback = FeedbackField(required=False, allow_null=True)
    generated_feedback = GeneratedFeedbackField(read_only=True)
    client_id = UUIDTextField(required=False, allow_null=True)

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
            "target_language",
            "conversation_type",
            "conversation_type_display",
            "duration_minutes",
            "ai_feedback",
            "generated_feedback",
            "feedback_status",
            "feedback_error",
            "client_id",
            "created_at",
            "updated_at",
        ]
        read_only_fields = [
            "user",
            "generated_feedback",
            "feedback_status",
            "feedback_error",
        ]
        validators: list[Any] = []  # client_id: the database decides, and a retry is no error

    def __init__(self, *args: Any, keys: Sequence[str] | None = None, **kwargs: Any) -> None:
        """``keys`` leaves these fields alone, in their order of definition."""
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - set(self.fields if keys is None else keys):
            self.fields.pop(name)

    def validate_conversation_type(self, value: str | None) -> str:
        """null means the default."""
        return value or VoiceConversation.Type.PRACTICE

    def validate_ai_feedback(self, value: dict[str, Any] | None) -> dict[str, Any]:
        """null means none."""
        return value or {}


class AddFeedbackSerializer(serializers.Serializer[Any]):
    """Feedback to merge into what is stored."""

    ai_feedback = FeedbackField()


class FeedbackAddedSerializer(serializers.Serializer[Any]):
    """The merged conversation."""

    message = serializers.CharField()
    conversation = VoiceConversationSerializer()
