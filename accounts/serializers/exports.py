"""Everything stored about one person, as one document."""

from typing import Any

from accounts.models import User, VoiceConversation
from accounts.serializers.users import OwnProfileSerializer
from accounts.serializers.voice_conversations import VoiceConversationSerializer


def export_of(user: User) -> dict[str, Any]:
    """The profile and every conversation."""
    conversations = VoiceConversation.objects.for_user(user).with_user().newest_first()
    return {
        "profile": OwnProfileSerializer(user).data,
        "voice_conversations": VoiceConversationSerializer(conversations, many=True).data,
    }
