"""Serializers of voice sessions: request, response and export."""

from typing import Any

from rest_framework import serializers

from accounts.models import VoiceSession
from accounts.models.feedback import Level
from accounts.serializers.fields import ModelSerializer, TextField
from accounts.serializers.voice_conversations import VoiceConversationSerializer


class VoiceSessionRequestSerializer(VoiceConversationSerializer):
    """The topic and languages of a session. They are validated as in a conversation."""

    level = serializers.ChoiceField(
        choices=Level.choices,
        required=False,
        allow_null=True,
        error_messages={
            "invalid_choice": f"There is no level {{input!r}}. Levels: {', '.join(Level.values)}."
        },
    )

    class Meta(VoiceConversationSerializer.Meta):
        fields = ["topic", "native_language", "target_language", "conversation_type", "level"]
        read_only_fields: list[str] = []


class VoiceSessionSerializer(serializers.Serializer[Any]):
    """A client secret, and the URL at which it opens a session."""

    client_secret = TextField()
    expires_at = serializers.DateTimeField()
    model = TextField()
    session = serializers.DictField()
    realtime_url = serializers.URLField()


class ExportedVoiceSessionSerializer(ModelSerializer[VoiceSession]):
    """A voice session in the user's export."""

    class Meta:
        model = VoiceSession
        fields = ["created_at"]
