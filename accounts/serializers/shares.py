"""Serializers of shares: for the learner, and for the teacher to whom a conversation is open."""

from typing import Any

from rest_framework import serializers

from accounts.models import DeclinedLearner, Share, VoiceConversation
from accounts.serializers.comments import OwnCommentSerializer
from accounts.serializers.feedback import FeedbackField, GeneratedFeedbackField
from accounts.serializers.fields import ChoiceLabelField, ModelSerializer, TextField, UUIDTextField
from accounts.serializers.users import NestedUserSerializer
from accounts.serializers.voice_conversations import TranscriptionField


class ShareSerializer(ModelSerializer[Share]):
    """A teacher to whom a conversation is open."""

    teacher = NestedUserSerializer(read_only=True)

    class Meta:
        model = Share
        fields = ["teacher", "created_at"]
        read_only_fields = fields


class NewShareSerializer(serializers.Serializer[Any]):
    """The id of the teacher to whom to open a conversation."""

    teacher = UUIDTextField()


class DeclinedLearnerSerializer(ModelSerializer[DeclinedLearner]):
    """A learner from whom the caller accepts no shares."""

    learner = NestedUserSerializer(read_only=True)

    class Meta:
        model = DeclinedLearner
        fields = ["learner", "created_at"]
        read_only_fields = fields


class SharedConversationSerializer(ModelSerializer[Share]):
    """A conversation, as the teacher to whom it is open reads it.

    `comments_count` is the number of the teacher's own comments.
    """

    # Of a row of ShareQuerySet.with_learner.
    id = serializers.IntegerField(source="conversation_id", read_only=True)
    topic = TextField(source="conversation.topic", read_only=True)
    transcription = TranscriptionField(source="conversation.transcription", read_only=True)
    native_language = TextField(source="conversation.native_language", read_only=True)
    native_language_code = TextField(source="conversation.native_language_code", read_only=True)
    target_language = TextField(source="conversation.target_language", read_only=True)
    target_language_code = TextField(source="conversation.target_language_code", read_only=True)
    conversation_type = serializers.ChoiceField(
        VoiceConversation.Type.choices, source="conversation.conversation_type", read_only=True
    )
    conversation_type_display = ChoiceLabelField(
        VoiceConversation.Type.choices, source="conversation.conversation_type"
    )
    duration_minutes = serializers.IntegerField(
        source="conversation.duration_minutes", read_only=True, allow_null=True
    )
    ai_feedback = FeedbackField(source="conversation.ai_feedback", read_only=True)
    generated_feedback = GeneratedFeedbackField(
        source="conversation.generated_feedback", read_only=True, allow_null=True
    )
    created_at = serializers.DateTimeField(source="conversation.created_at", read_only=True)
    shared_at = serializers.DateTimeField(source="created_at", read_only=True)
    learner = NestedUserSerializer(read_only=True)
    comments_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Share
        fields = [
            "id",
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
            "created_at",
            "shared_at",
            "learner",
            "comments_count",
        ]
        read_only_fields = fields


class CommentedConversationSerializer(SharedConversationSerializer):
    """A conversation that is open to the caller, with the caller's own comments."""

    comments = OwnCommentSerializer(many=True, read_only=True, source="own_comments")

    class Meta(SharedConversationSerializer.Meta):
        fields = [*SharedConversationSerializer.Meta.fields, "comments"]
        read_only_fields = fields
