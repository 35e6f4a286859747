"""AI feedback on one of the caller's conversations."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import VoiceConversation
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.feedback import FeedbackQueuedSerializer
from accounts.services import feedback


class FeedbackActions(BaseViewSet[VoiceConversation]):
    """What a viewset of conversations does about AI feedback."""

    @extend_schema(request=None, responses={202: FeedbackQueuedSerializer})
    @action(["post"], detail=True)
    def generate_feedback(self, request: Request, pk: int) -> Response:
        """Queues AI feedback; ``feedback_status`` of the conversation says how far it is."""
        own = VoiceConversation.objects.for_user(self.caller).with_user()
        feedback.request_feedback(conversations=own, pk=pk)
        queued = {"status": VoiceConversation.FeedbackStatus.QUEUED}
        return Response(FeedbackQueuedSerializer(queued).data, status=202)
