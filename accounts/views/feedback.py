"""AI feedback on one of the caller's conversations."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle

from accounts.models import VoiceConversation
from accounts.rest.authentication import caller_of
from accounts.serializers.feedback import FeedbackQueuedSerializer
from accounts.services import feedback


class FeedbackActions:
    """What a viewset of conversations does about AI feedback."""

    throttle_scope: str | None = None

    @extend_schema(request=None, responses={202: FeedbackQueuedSerializer})
    @action(
        ["post"],
        detail=True,
        throttle_classes=[ScopedRateThrottle],
        throttle_scope="feedback",
    )
    def generate_feedback(self, request: Request, pk: str) -> Response:
        """Queues AI feedback; ``feedback_status`` of the conversation says how far it is."""
        own = VoiceConversation.objects.for_user(caller_of(request)).with_user()
        feedback.request_feedback(conversations=own, pk=int(pk))
        queued = {"status": VoiceConversation.FeedbackStatus.QUEUED}
        return Response(FeedbackQueuedSerializer(queued).data, status=202)
