"""What the caller's voice conversations add up to."""

from typing import cast

from django.utils import timezone
from django_filters.utils import translate_validation
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.filters.voice_conversations import PeriodFilters, ProgressFilters
from accounts.models import VoiceConversation
from accounts.models.voice_conversations import Interval, VoiceConversationQuerySet
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.progress import ProgressSerializer, SummarySerializer
from accounts.services import progress, summary


class ProgressActions(BaseViewSet[VoiceConversation]):
    """Own conversations summed up, and followed over time."""

    @extend_schema(responses=SummarySerializer, filters=True)
    @action(["get"], detail=False, filterset_class=PeriodFilters, pagination_class=None)
    def summary(self, request: Request) -> Response:
        """Totals, streaks, scores and advice."""
        rows = VoiceConversation.objects.for_user(self.caller)
        found = summary.summarise(
            conversations=cast(VoiceConversationQuerySet, self.filter_queryset(rows)),
            timezone=self.caller.timezone,
            at=timezone.now(),
        )
        return Response(SummarySerializer(found).data)

    @extend_schema(responses=ProgressSerializer, filters=True)
    @action(["get"], detail=False, filterset_class=ProgressFilters, pagination_class=None)
    def progress(self, request: Request) -> Response:
        """Conversations, minutes and scores by day, week or month, and the trend of the scores."""
        rows = VoiceConversation.objects.for_user(self.caller)
        filters = ProgressFilters(request.query_params, rows, request=request)
        if not filters.is_valid():
            raise translate_validation(filters.errors)
        chosen = filters.form.cleaned_data
        found = progress.follow(
            conversations=cast(VoiceConversationQuerySet, filters.qs),
            interval=Interval(chosen["interval"] or Interval.WEEK),
            timezone=self.caller.timezone,
            since=chosen["since"],
            until=chosen["until"],
            at=timezone.now(),
        )
        return Response(ProgressSerializer(found).data)
