"""Serializers of the corrections of chat messages."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Correction
from accounts.serializers.fields import ModelSerializer, TextField, UUIDTextField
from accounts.values.plain_text import is_blank


class MessageCorrectionSerializer(ModelSerializer[Correction]):
    """A correction of a chat message. ``author`` is null after the author's account is deleted.

    ``outdated``: the message was edited after the correction.
    """

    client_id = UUIDTextField(required=False, allow_null=True, write_only=True)
    corrected = TextField(max_length=10_000, trim_whitespace=False)
    explanation = TextField(max_length=2_000, required=False, allow_blank=True)
    outdated = serializers.BooleanField(source="is_outdated", read_only=True)

    class Meta:
        model = Correction
        fields = ["id", "author", "corrected", "explanation", "outdated", "created_at", "client_id"]
        read_only_fields = ["author"]
        validators: list[Any] = []  # a repeated client_id is a retry, not an error

    def validate_corrected(self, corrected: str) -> str:
        """The text, unchanged. Raises ValidationError if it has no visible character."""
        if is_blank(corrected):
            raise serializers.ValidationError("A correction may not be blank.")
        return corrected


@extend_schema_field(MessageCorrectionSerializer(many=True))
class MessageCorrectionsField(serializers.JSONField):
    """The corrections of a message, as the column of ``models/message_corrections.py`` has them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="shown_corrections", read_only=True, **kwargs)
