"""The export of a user's data as one JSON document."""

from typing import Any

from rest_framework import serializers

from accounts.models import Gig, Message, Notice, Report, User, VoiceConversation, VoiceSession
from accounts.serializers.chats import MessageSerializer
from accounts.serializers.exported_learning import ExportedLearningSerializer, learning_of
from accounts.serializers.gigs import ExportedGigSerializer
from accounts.serializers.notices import NoticeSerializer
from accounts.serializers.reports import ReportSerializer
from accounts.serializers.users import OwnProfileSerializer
from accounts.serializers.voice_conversations import VoiceConversationSerializer
from accounts.serializers.voice_sessions import ExportedVoiceSessionSerializer


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


def export_of(user: User) -> dict[str, Any]:
    """Profile, gigs, sent messages, conversations, voice sessions, reports, notices, and ``learning_of``."""
    conversations = VoiceConversation.objects.for_user(user).with_user().newest_first()
    sessions = VoiceSession.objects.for_user(user).prefetch_related("events").oldest_first()
    gigs = Gig.objects.for_user(user).newest_first()
    reports = Report.objects.for_user(user).newest_first()
    messages = Message.objects.by_sender(user).order_by("chat_id", "seq")
    notices = Notice.objects.for_user(user).newest_first()
    return {
        "profile": OwnProfileSerializer(user).data,
        "gigs": ExportedGigSerializer(gigs, many=True).data,
        "messages": ExportedMessageSerializer(messages, many=True).data,
        "voice_conversations": VoiceConversationSerializer(conversations, many=True).data,
        "voice_sessions": ExportedVoiceSessionSerializer(sessions, many=True).data,
        "reports": ReportSerializer(reports, many=True).data,
        "notices": NoticeSerializer(notices, many=True).data,
        **learning_of(user),
    }
