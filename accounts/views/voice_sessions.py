"""Voice sessions: practices with OpenAI's tutor that save themselves."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.models import VoiceSession
from accounts.models.voice_sessions import VoiceSessionQuerySet
from accounts.rest.error_codes import error_codes
from accounts.rest.parsers import EventsParser, OfferParser
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.voice_conversations import VoiceConversationSerializer
from accounts.serializers.voice_sessions import (
    EventsSerializer,
    FinishSerializer,
    SessionStateSerializer,
    TurnsSerializer,
    VoiceSessionRequestSerializer,
    VoiceSessionSerializer,
    checked_events,
)
from accounts.services import voice_calls, voice_finishing, voice_saving, voice_sessions
from accounts.views.voice_conversations import CONVERSATION


class VoiceSessionViewSet(BaseViewSet[VoiceSession]):
    """The caller's voice sessions."""

    queryset = VoiceSession.objects.none()  # drf-spectacular reads the type of the id from it
    serializer_class = SessionStateSerializer
    lookup_value_converter = "number"
    pagination_class = None
    filter_backends: list[Any] = []
    throttle_scopes = {
        **dict.fromkeys(("create", "call"), "voice"),
        **dict.fromkeys(("retrieve", "events", "finish"), "voice_events"),
    }

    def get_queryset(self) -> VoiceSessionQuerySet:
        """The caller's sessions that have an end."""
        return VoiceSession.objects.for_user(self.caller).timed()

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Errors of ``call`` are JSON, also for a client that accepts SDP only."""
        return super().perform_content_negotiation(request, force=force or self.action == "call")

    @error_codes(
        "storage_full",
        "transport_not_allowed",
        "voice_minutes_exhausted",
        "voice_sessions_exhausted",
        "openai_not_configured",
        "openai_rejected",
        "openai_unavailable",
    )
    @extend_schema(request=VoiceSessionRequestSerializer, responses={200: VoiceSessionSerializer})
    def create(self, request: Request) -> Response:
        """Start a voice session. Reserves minutes until the session ends."""
        wish = voice_sessions.SessionRequest(**self.validated_data(VoiceSessionRequestSerializer))
        created = voice_sessions.create_session(user=self.caller, request=wish, at=timezone.now())
        for name in ("call", "events"):
            created[f"{name}_url"] = reverse(f"voice-session-{name}", [created["id"]], request=request)
        return Response(VoiceSessionSerializer(created).data)

    def retrieve(self, request: Request, pk: int) -> Response:
        """Get a voice session. Its state, and the turns so far."""
        return Response(SessionStateSerializer(voice_saving.state_of(self.get_object())).data)

    @error_codes(
        "call_exists", "session_ended", "openai_not_configured", "openai_rejected", "openai_unavailable"
    )
    @extend_schema(
        request={"application/sdp": OpenApiTypes.STR},
        responses={(201, "application/sdp"): OpenApiTypes.STR},
    )
    @action(["post"], detail=True, parser_classes=[OfferParser])
    def call(self, request: Request, pk: int) -> HttpResponse:
        """Begin the call of a session. Takes a browser's SDP offer, and returns OpenAI's answer."""
        offer: Any = request.data
        if not isinstance(offer, str):
            raise ParseError("The body is empty. Send RTCPeerConnection.localDescription.sdp.")
        answer = voice_calls.begin_call(user=self.caller, pk=pk, offer=offer)
        return HttpResponse(answer, status=201, content_type="application/sdp")

    @error_codes("session_ended", "session_saved")
    @extend_schema(request=EventsSerializer, responses=TurnsSerializer)
    @action(["post"], detail=True, parser_classes=[EventsParser])
    def events(self, request: Request, pk: int) -> Response:
        """Report events of OpenAI. As the browser received them, in any order; repetitions do no harm."""
        data: Any = request.data
        body, size = data if isinstance(data, tuple) else (None, 0)  # without a body, no parser runs
        found = voice_saving.add_events(user=self.caller, pk=pk, events=checked_events(body), size=size)
        return Response(found)

    @error_codes("client_id_reused")
    @extend_schema(
        request=FinishSerializer,
        responses={200: VoiceConversationSerializer, 201: VoiceConversationSerializer, 204: None},
    )
    @action(["post"], detail=True)
    def finish(self, request: Request, pk: int) -> Response:
        """Finish a voice session. Saves its conversation; returns 204 if nobody spoke."""
        fields = {} if request.data == {} else self.validated_data(FinishSerializer)
        saved, is_new = voice_finishing.finish_session(
            user=self.caller, pk=pk, fields=fields, at=timezone.now()
        )
        if saved is None:
            return Response(status=204)
        return Response(CONVERSATION.to_representation(saved), status=201 if is_new else 200)
