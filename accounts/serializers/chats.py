"""Serializers of chats and messages."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.models import Message, Participant, User
from accounts.serializers.fields import ModelSerializer, ProfilePictureField, TextField, UUIDTextField
from accounts.serializers.message_corrections import MessageCorrectionsField
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


PARTICIPANT = ParticipantSerializer()


class MessageSerializer(ModelSerializer[Message]):
    """A message. A deleted message has an empty ``content``, and ``deleted_at``.

    ``removed_by_staff`` says that staff have deleted it, not its sender.
    """

    client_id = UUIDTextField(required=False, allow_null=True)

    class Meta:
        model = Message
        fields = [
            *("id", "seq", "sender", "content", "client_id", "created_at", "edited_at", "deleted_at"),
            "removed_by_staff",
        ]
        read_only_fields = ["seq", "sender", "edited_at", "deleted_at", "removed_by_staff"]
        extra_kwargs = {"content": {"required": True, "allow_blank": False, "trim_whitespace": False}}
        validators: list[Any] = []  # a repeated client_id is a retry, not an error

    def validate_content(self, content: str) -> str:
        """The content, unchanged. Raises ValidationError if it has no visible character."""
        if is_blank(content):
            raise serializers.ValidationError("A message may not be blank.")
        return content


class CorrectedMessageSerializer(MessageSerializer):
    """A message with its corrections, oldest first."""

    corrections = MessageCorrectionsField()

    class Meta(MessageSerializer.Meta):
        fields = [*MessageSerializer.Meta.fields, "corrections"]


class EditMessageSerializer(MessageSerializer):
    """The new content of a message."""

    requires_all = True  # read by accounts/rest/openapi_types.py

    class Meta(MessageSerializer.Meta):
        fields = ["content"]
        read_only_fields: list[str] = []


class MarkReadSerializer(serializers.Serializer[Any]):
    """The ``seq`` up to which the caller has read."""

    seq = serializers.IntegerField(min_value=0, max_value=2**63 - 1)


class UnreadSerializer(serializers.Serializer[Any]):
    """The number of the caller's chats with unread messages, and of the unread messages in all."""

    chats = serializers.IntegerField()
    messages = serializers.IntegerField()


class OpenChatSerializer(serializers.Serializer[Any]):
    """The id of the user with whom to open a chat."""

    participant = UUIDTextField()


class RealtimeChannelSerializer(serializers.Serializer[Any]):
    """The private Realtime channel of a chat, and the event of a new message."""

    topic = TextField()
    event = TextField()


@extend_schema_field(RealtimeChannelSerializer)
class RealtimeChannelField(serializers.UUIDField):
    """The topic and event of a chat for supabase-js, from the chat's id."""

    def to_representation(self, value: UUID | str) -> dict[str, str]:  # type: ignore[override]
        return {"topic": f"chat:{value}", "event": MESSAGE_EVENT}


@extend_schema_field(ParticipantSerializer(many=True))
class PeerSerializer(ParticipantSerializer):
    """The peer of a chat. ``ChatSerializer.complete`` makes the two participants of it."""


@extend_schema_serializer(exclude_fields=["peer_message"])
class ChatSerializer(ModelSerializer[Participant]):
    """A chat as the caller sees it."""

    # The columns are those of ``ParticipantQuerySet.with_chat``.
    id = serializers.UUIDField(source="chat_id", read_only=True)
    participants = PeerSerializer(source="peer.user", read_only=True)
    peer_message = serializers.IntegerField(read_only=True)
    last_message = MessageSerializer(read_only=True, allow_null=True)
    last_seq = serializers.IntegerField(source="chat.last_seq", read_only=True)
    my_read_seq = serializers.IntegerField(source="read_seq", read_only=True)
    peer_read_seq = serializers.IntegerField(source="peer.read_seq", read_only=True)
    blocked_by_me = serializers.BooleanField(source="is_blocked", read_only=True)
    realtime = RealtimeChannelField(source="chat_id", read_only=True)
    created_at = serializers.DateTimeField(source="chat.created_at", read_only=True)
    updated_at = serializers.DateTimeField(source="chat.updated_at", read_only=True)

    class Meta:
        model = Participant
        fields = [
            "id",
            "participants",
            "peer_message",
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

    @staticmethod
    def complete(chats: list[dict[str, Any]], caller: User) -> list[dict[str, Any]]:
        """The written rows, each with both participants in the order of their ids.

        Hides the address of a peer who has not written.
        """
        own = PARTICIPANT.to_representation(caller)
        for chat in chats:
            peer = chat["participants"]
            if chat.pop("peer_message") is None:
                peer["email"] = None
            chat["participants"] = [own, peer] if own["id"] < peer["id"] else [peer, own]
        return chats
