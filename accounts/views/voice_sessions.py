"""Beginning to speak."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest.authentication import caller_of
from accounts.serializers.voice_sessions import VoiceSessionRequestSerializer, VoiceSessionSerializer
from accounts.services import voice_sessions


class SessionActions:
    """What the voice conversations' address does for one that is about to begin."""

    @extend_schema(request=VoiceSessionRequestSerializer, responses=VoiceSessionSerializer)
    @action(["post"], detail=False)
    def session(self, request: Request) -> Response:
        """Gives a secret with which a browser opens a voice session at OpenAI."""
        serializer = VoiceSessionRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        begun = voice_sessions.begin_session(
            user=caller_of(request),
            practice=voice_sessions.Practice(**serializer.validated_data),
            at=timezone.now(),
        )
        return Response(VoiceSessionSerializer(begun).data)
