"""Voice sessions with OpenAI's Realtime API."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import VoiceConversation
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.voice_sessions import VoiceSessionRequestSerializer, VoiceSessionSerializer
from accounts.services import voice_sessions


class VoiceSessionMixin(BaseViewSet[VoiceConversation]):
    """The session action of a viewset of voice conversations."""

    @extend_schema(request=VoiceSessionRequestSerializer, responses=VoiceSessionSerializer)
    @action(["post"], detail=False)
    def session(self, request: Request) -> Response:
        """Start a voice session.

        Returns a client secret with which a browser opens the session at OpenAI.
        """
        created = voice_sessions.create_session(
            user=self.caller,
            request=voice_sessions.SessionRequest(**self.validated_data(VoiceSessionRequestSerializer)),
            at=timezone.now(),
        )
        return Response(VoiceSessionSerializer(created).data)
