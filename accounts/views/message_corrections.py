"""Corrections of chat messages."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Correction
from accounts.rest.error_codes import error_codes
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.message_corrections import MessageCorrectionSerializer
from accounts.services import message_corrections

CORRECTION = MessageCorrectionSerializer()


class MessageCorrectionViewSet(BaseViewSet[Correction]):
    """The corrections of a message of one of the caller's chats."""

    serializer_class = MessageCorrectionSerializer
    throttle_scopes = {"create": "messages"}
    queryset = Correction.objects.none()

    @error_codes(
        "blocked",
        "own_message",
        "client_id_reused",
        "message_deleted",
        "participant_deleted",
        "storage_full",
        "too_many_corrections",
    )
    @extend_schema(responses={200: MessageCorrectionSerializer, 201: MessageCorrectionSerializer})
    def create(self, request: Request, chat: UUID, seq: int) -> Response:
        """Correct a message of the other participant. The participant gets a card of it.

        Returns 200 with the first correction if its ``client_id`` is repeated.
        """
        correction, is_new = message_corrections.correct_message(
            user=self.caller, chat_id=chat, seq=seq, fields=self.validated_data(), at=timezone.now()
        )
        return Response(CORRECTION.to_representation(correction), status=201 if is_new else 200)
