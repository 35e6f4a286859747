"""AI feedback on the caller's conversations."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import VoiceConversation
from accounts.rest.error_codes import error_codes
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.feedback import AddFeedbackSerializer, FeedbackQueuedSerializer
from accounts.serializers.voice_conversations import FeedbackAddedSerializer
from accounts.services import feedback, voice_conversations


class FeedbackMixin(BaseViewSet[VoiceConversation]):
    """The feedback actions of a viewset of voice conversations."""

    @error_codes("storage_full")
    @extend_schema(request=AddFeedbackSerializer, responses=FeedbackAddedSerializer)
    @action(["patch"], detail=True)
    def add_feedback(self, request: Request, pk: int) -> Response:
        """Add feedback to a conversation.

        Merges it key by key into the stored feedback.
        """
        fields = self.validated_data(AddFeedbackSerializer)
        conversation = voice_conversations.add_feedback(user=self.caller, pk=pk, **fields)
        added = {"message": "AI feedback added.", "conversation": conversation}
        return Response(FeedbackAddedSerializer(added).data)

    @error_codes("nothing_to_judge", "speakers_unknown", "openai_not_configured")
    @extend_schema(request=None, responses={202: FeedbackQueuedSerializer})
    @action(["post"], detail=True)
    def generate_feedback(self, request: Request, pk: int) -> Response:
        """Request AI feedback on a conversation.

        Queues a job. Poll the conversation's ``feedback_status`` for its end.
        """
        feedback.request_feedback(user=self.caller, pk=pk, at=timezone.now())
        queued = {"status": VoiceConversation.FeedbackStatus.QUEUED}
        return Response(FeedbackQueuedSerializer(queued).data, status=202)
