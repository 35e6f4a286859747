"""Serializers of chats and messages."""

from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Chat, Message, User
from accounts.serializers.fields import ModelSerializer, ProfilePictureField, TextField, UUIDTextField
from accounts.values.plain_text import is_blank

# The Realtime event of a new message. The trigger function private.announce_message sends it.
MESSAGE_EVENT = "message"


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


class ChatSerializer(ModelSerializer[Chat]):
    """A chat as ``context["caller"]`` sees it. Expects a row of ``ChatQuerySet.as_seen_by``."""

    participants = serializers.SerializerMethodField()
    last_message = serializers.SerializerMethodField()
    unread_count = serializers.IntegerField()
    my_read_seq = serializers.IntegerField()
    peer_read_seq = serializers.SerializerMethodField()
    blocked_by_me = serializers.SerializerMethodField()
    realtime = serializers.SerializerMethodField()

    class Meta:
        model = Chat
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
    def get_participants(self, chat: Chat) -> Any:
        """The two participants. Hides the address of a peer who has not written."""
        found = [self._participant.to_representation(user) for user in (chat.first, chat.second)]
        if not getattr(chat, "peer_has_written", False):
            peer = 1 if chat.side_of(self.context["caller"]) == "first" else 0
            found[peer]["email"] = None
        return found

    @extend_schema_field(MessageSerializer(allow_null=True))
    def get_last_message(self, chat: Chat) -> Any:
        """The newest message; null if the chat has no message."""
        newest = getattr(chat, "newest", [])
        return self._message.to_representation(newest[0]) if newest else None

    def get_peer_read_seq(self, chat: Chat) -> int:
        """The ``seq`` up to which the peer has read."""
        mine: int = self._own(chat, "read_seq")
        return chat.first_read_seq + chat.second_read_seq - mine

    def get_blocked_by_me(self, chat: Chat) -> bool:
        """Whether the caller has blocked the peer."""
        return self._own(chat, "blocked_at") is not None

    @extend_schema_field(RealtimeChannelSerializer)
    def get_realtime(self, chat: Chat) -> dict[str, str]:
        """The topic and event for supabase-js."""
        return {"topic": f"chat:{chat.pk}", "event": MESSAGE_EVENT}

    @cached_property
    def _participant(self) -> ParticipantSerializer:
        return ParticipantSerializer(context=self.context)

    @cached_property
    def _message(self) -> MessageSerializer:
        return MessageSerializer(context=self.context)

    def _own(self, chat: Chat, column: str) -> Any:
        return getattr(chat, f"{chat.side_of(self.context['caller'])}_{column}")
