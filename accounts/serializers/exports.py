"""The export of a user's data as one JSON document."""

from typing import Any

from accounts.models import Gig, Message, Notice, Report, User, VoiceConversation, VoiceSession
from accounts.serializers.chats import MessageSerializer
from accounts.serializers.exported_learning import learning_of
from accounts.serializers.gigs import ExportedGigSerializer
from accounts.serializers.notices import NoticeSerializer
from accounts.serializers.reports import ReportSerializer
from accounts.serializers.users import OwnProfileSerializer
from accounts.serializers.voice_conversations import VoiceConversationSerializer
from accounts.serializers.voice_sessions import ExportedVoiceSessionSerializer


def export_of(user: User) -> dict[str, Any]:
    """Profile, gigs, sent messages, conversations, voice sessions, reports, notices, and ``learning_of``."""
    conversations = VoiceConversation.objects.for_user(user).with_user().newest_first()
    sessions = VoiceSession.objects.for_user(user).prefetch_related("events").oldest_first()
    gigs = Gig.objects.for_user(user).newest_first()
    reports = Report.objects.for_user(user).newest_first()
    notices = Notice.objects.for_user(user).newest_first()
    message_serializer = MessageSerializer()
    return {
        "profile": OwnProfileSerializer(user).data,
        "gigs": ExportedGigSerializer(gigs, many=True).data,
        "messages": [
            {"chat": str(message.chat_id), **message_serializer.to_representation(message)}
            for message in Message.objects.by_sender(user).order_by("chat_id", "seq")
        ],
        "voice_conversations": VoiceConversationSerializer(conversations, many=True).data,
        "voice_sessions": ExportedVoiceSessionSerializer(sessions, many=True).data,
        "reports": ReportSerializer(reports, many=True).data,
        "notices": NoticeSerializer(notices, many=True).data,
        **learning_of(user),
    }
