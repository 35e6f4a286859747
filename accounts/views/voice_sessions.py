"""Beginning to speak."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import VoiceConversation
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.voice_sessions import VoiceSessionRequestSerializer, VoiceSessionSerializer
from accounts.services import voice_sessions


class SessionActions(BaseViewSet[VoiceConversation]):
    """What the voice conversations' address does for one that is about to begin."""

    @extend_schema(request=VoiceSessionRequestSerializer, responses=VoiceSessionSerializer)
    @action(["post"], detail=False)
    def session(self, request: Request) -> Response:
        """Gives a secret with which a browser opens a voice session at OpenAI."""
        fields = self.validated_data(VoiceSessionRequestSerializer)
        begun = voice_sessions.begin_session(
            user=self.caller,
            practice=voice_sessions.Practice(**fields),
            at=timezone.now(),
        )
        return Response(VoiceSessionSerializer(begun).data)
