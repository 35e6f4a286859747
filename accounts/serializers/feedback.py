"""Serializers of feedback: of clients and of the AI."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import VoiceConversation
from accounts.models.feedback import MAX_FEEDBACK_BYTES, TEXT_KEYS, TEXT_LIST_KEYS
from accounts.serializers.shapes import FEEDBACK, GENERATED_FEEDBACK
from accounts.values import exact_json


@extend_schema_field(FEEDBACK, component_name="Feedback")
class FeedbackField(serializers.JSONField):
    """A JSON object. Known keys are validated; the API returns the object as it was sent."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The object. Raises ValidationError with messages by key."""
        if not isinstance(data, dict):
            raise serializers.ValidationError("Expected an object.")
        errors = {key: [message] for key, value in data.items() if (message := error_in(key, value))}
        if errors:
            raise serializers.ValidationError(errors)
        if exact_json.size_of(data) > MAX_FEEDBACK_BYTES:
            raise serializers.ValidationError(f"Feedback may be up to {MAX_FEEDBACK_BYTES:,} bytes.")
        return data


def error_in(key: str, value: Any) -> str | None:
    """The error message for the value of a known key; None if the value is valid or the key unknown."""
    if key.endswith("_score"):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (is_number and 0 <= value <= 100):
            return "Expected a number from 0 to 100, or null."
    if key in TEXT_KEYS and not isinstance(value, str):
        return "Expected a string."
    if key in TEXT_LIST_KEYS and not (
        isinstance(value, list) and all(isinstance(item, str) for item in value)
    ):
        return "Expected a list of strings."
    return None


@extend_schema_field(GENERATED_FEEDBACK, component_name="GeneratedFeedback")
class GeneratedFeedbackField(serializers.JSONField):
    """The AI's feedback, or null."""


class AddFeedbackSerializer(serializers.Serializer[Any]):
    """Feedback to merge into the stored feedback."""

    requires_all = True  # read by accounts/rest/openapi_types.py

    ai_feedback = FeedbackField()


class FeedbackQueuedSerializer(serializers.Serializer[Any]):
    """The state of a requested job. Poll the conversation's ``feedback_status`` for its end."""

    status = serializers.ChoiceField([VoiceConversation.FeedbackStatus.QUEUED.value])
