"""Serializers of chats and messages."""

from typing import Any, TypeVar

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Message, Participant, User
from accounts.serializers.fields import ModelSerializer, ProfilePictureField, TextField, UUIDTextField
from accounts.values.plain_text import is_blank

# The Realtime event of a new message. The trigger function private.announce_message sends it.
MESSAGE_EVENT = "message"
Nested = TypeVar("Nested", bound=serializers.Serializer[Any])


class ParticipantSerializer(ModelSerializer[User]):
    """A participant of a chat.

    ``email`` is null for a peer who has not written in this chat: a user who opens a chat must not
    learn the peer's address by it.
    """

    profile_picture = ProfilePictureField()
    email = TextField(read_only=True, allow_null=True)

    class Meta:
        model = User
        fields = ["id", "name", "email", "role", "profile_picture"]
        read_only_fields = fields


class MessageSerializer(ModelSerializer[Message]):
    """A message. A deleted message has an empty ``content``, and ``deleted_at``."""

    client_id = UUIDTextField(required=False, allow_null=True)

    class Meta:
        model = Message
        fields = ["id", "seq", "sender", "content", "client_id", "created_at", "edited_at", "deleted_at"]
        read_only_fields = ["seq", "sender", "edited_at", "deleted_at"]
        extra_kwargs = {"content": {"required": True, "allow_blank": False, "trim_whitespace": False}}
        validators: list[Any] = []  # a repeated client_id is a retry, not an error

    def validate_content(self, content: str) -> str:
        """The content, unchanged. Raises ValidationError if it has no visible character."""
        if is_blank(content):
            raise serializers.ValidationError("A message may not be blank.")
        return content


class EditMessageSerializer(MessageSerializer):
    """The new content of a message."""

    class Meta(MessageSerializer.Meta):
        fields = ["content"]
        read_only_fields: list[str] = []


class MarkReadSerializer(serializers.Serializer[Any]):
    """The ``seq`` up to which the caller has read."""

    seq = serializers.IntegerField(min_value=0, max_value=2**63 - 1)


class OpenChatSerializer(serializers.Serializer[Any]):
    """The id of the user with whom to open a chat."""

    participant = UUIDTextField()


class RealtimeChannelSerializer(serializers.Serializer[Any]):
    """The private Realtime channel of a chat, and the event of a new message."""

    topic = TextField()
    event = TextField()


def joined(serializer: Nested, prefix: str) -> Nested:
    """The serializer, reading the columns ``<prefix>__...`` of a named tuple."""
    for field in serializer.fields.values():
        field.source = f"{prefix}__{field.source}"
        field.source_attrs = [field.source]
    return serializer


class ChatSerializer(ModelSerializer[Participant]):
    """A chat as ``context["caller"]`` sees it. Expects a row of ``ParticipantQuerySet.chat_rows``."""

    id = serializers.UUIDField(source="chat_id", read_only=True)
    participants = serializers.SerializerMethodField()
    last_message = serializers.SerializerMethodField()
    last_seq = serializers.IntegerField(source="chat__last_seq", read_only=True)
    my_read_seq = serializers.IntegerField(source="read_seq", read_only=True)
    peer_read_seq = serializers.IntegerField(source="peer__read_seq", read_only=True)
    blocked_by_me = serializers.SerializerMethodField()
    realtime = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(source="chat__created_at", read_only=True)
    updated_at = serializers.DateTimeField(source="chat__updated_at", read_only=True)

    class Meta:
        model = Participant
        fields = [
            "id",
            "participants",
            "last_message",
            "last_seq",
            "unread_count",
            "my_read_seq",
            "peer_read_seq",
            "blocked_by_me",
            "realtime",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    @extend_schema_field(ParticipantSerializer(many=True))
    def get_participants(self, row: Any) -> Any:
        """The two participants, by id. Hides the address of a peer who has not written."""
        peer = self._peer.to_representation(row)
        if not row.peer_has_written:
            peer["email"] = None
        own_is_first = self.context["caller"].pk < row.peer__user__id
        return [self._caller, peer] if own_is_first else [peer, self._caller]

    @extend_schema_field(MessageSerializer(allow_null=True))
    def get_last_message(self, row: Any) -> Any:
        """The newest message; null if the chat has no message."""
        return self._message.to_representation(row) if row.last_message__id else None

    def get_blocked_by_me(self, row: Any) -> bool:
        """Whether the caller has blocked the peer."""
        return row.blocked_at is not None

    @extend_schema_field(RealtimeChannelSerializer)
    def get_realtime(self, row: Any) -> dict[str, str]:
        """The topic and event for supabase-js."""
        return {"topic": f"chat:{row.chat_id}", "event": MESSAGE_EVENT}

    @cached_property
    def _caller(self) -> dict[str, Any]:
        return ParticipantSerializer().to_representation(self.context["caller"])

    @cached_property
    def _peer(self) -> ParticipantSerializer:
        return joined(ParticipantSerializer(), "peer__user")

    @cached_property
    def _message(self) -> MessageSerializer:
        return joined(MessageSerializer(), "last_message")
