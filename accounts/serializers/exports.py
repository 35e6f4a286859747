"""The export of a user's data as one JSON document."""

from collections.abc import Iterator
from typing import Any

from rest_framework import serializers

from accounts.models import Gig, Message, Notice, Report, User, VoiceConversation, VoiceSession
from accounts.rest.pages import RENDERER, array_of
from accounts.rest.pagination import parts_of
from accounts.serializers.chats import MessageSerializer
from accounts.serializers.exported_learning import (
    FEW,
    MANY,
    ExportedLearningSerializer,
    learning_of,
    written,
)
from accounts.serializers.gigs import ExportedGigSerializer
from accounts.serializers.listings import Listing
from accounts.serializers.notices import NoticeSerializer
from accounts.serializers.reports import ReportSerializer
from accounts.serializers.users import OwnProfileSerializer
from accounts.serializers.voice_conversations import VoiceConversationSerializer
from accounts.serializers.voice_sessions import ExportedVoiceSessionSerializer

CONVERSATIONS = Listing(
    VoiceConversationSerializer,
    lambda: VoiceConversation.objects.newest_first(),
    given=("user", "user_name", "user_email"),
)
SESSIONS = Listing(
    ExportedVoiceSessionSerializer, lambda: VoiceSession.objects.with_stored_events().oldest_first()
)


class ExportedMessageSerializer(MessageSerializer):
    """A message that the user sent, and its chat."""

    chat = serializers.UUIDField(source="chat_id", read_only=True)

    class Meta(MessageSerializer.Meta):
        fields = ["chat", *MessageSerializer.Meta.fields]


class ExportSerializer(ExportedLearningSerializer):
    """Everything that is stored about the user."""

    profile = OwnProfileSerializer()
    gigs = ExportedGigSerializer(many=True)
    messages = ExportedMessageSerializer(many=True)
    voice_conversations = VoiceConversationSerializer(many=True)
    voice_sessions = ExportedVoiceSessionSerializer(many=True)
    reports = ReportSerializer(many=True)
    notices = NoticeSerializer(many=True)


def export_of(user: User) -> Iterator[bytes]:
    """The parts of the JSON document of ExportSerializer. The rows are read in parts of bounded size."""
    profile = RENDERER.render(OwnProfileSerializer(user).data)
    yield b'{"profile":' + profile
    for name, values in lists_of(user).items():
        yield f',"{name}":'.encode()
        yield from array_of(values)
    yield b"}"


def lists_of(user: User) -> dict[str, Iterator[list[Any]]]:
    """Gigs, sent messages, conversations, voice sessions, reports, notices, and ``learning_of``, in parts."""
    owner = (user.pk, user.name, user.email)
    conversations = parts_of(CONVERSATIONS.rows().for_user(user), FEW)
    sessions = parts_of(SESSIONS.rows().for_user(user), FEW)
    gigs = Gig.objects.for_user(user).newest_first().defer("search_text", "full_search_text")
    messages = Message.objects.by_sender(user).order_by("chat_id", "seq")
    return {
        "gigs": written(ExportedGigSerializer, gigs, FEW),
        "messages": written(ExportedMessageSerializer, messages, FEW),
        "voice_conversations": (CONVERSATIONS.write(part, given=owner) for part in conversations),
        "voice_sessions": map(SESSIONS.write, sessions),
        "reports": written(ReportSerializer, Report.objects.for_user(user).newest_first(), MANY),
        "notices": written(NoticeSerializer, Notice.objects.for_user(user).newest_first(), MANY),
        **learning_of(user),
    }
