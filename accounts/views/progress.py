"""The summary and the progress report of the caller's conversations."""

from typing import Any, cast

from django.utils import timezone
from django_filters.utils import translate_validation
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.filters.voice_conversations import PeriodFilters, ProgressFilters
from accounts.models import VoiceConversation
from accounts.models.histories import History
from accounts.models.voice_conversations import Interval, VoiceConversationQuerySet
from accounts.rest.viewsets import BaseViewSet
from accounts.serializers.progress import ProgressSerializer, SummarySerializer
from accounts.services import progress, summary


class ProgressMixin(BaseViewSet[VoiceConversation]):
    """The report actions of a viewset of voice conversations."""

    @extend_schema(responses=SummarySerializer, filters=True)
    @action(["get"], detail=False, filterset_class=PeriodFilters, pagination_class=None)
    def summary(self, request: Request) -> Response:
        """Summarise my conversations.

        Totals, streaks, average scores and advice.
        """
        history, _ = self._chosen(PeriodFilters)
        found = summary.summarise(
            history=history,
            timezone=self.caller.timezone,
            at=timezone.now(),
        )
        return Response(found)  # in the shape of SummarySerializer

    @extend_schema(responses=ProgressSerializer, filters=True)
    @action(["get"], detail=False, filterset_class=ProgressFilters, pagination_class=None)
    def progress(self, request: Request) -> Response:
        """Report my progress over time.

        Conversations, minutes and average scores by day, week or month, and the trend of the scores.
        """
        history, chosen = self._chosen(ProgressFilters)
        found = progress.report(
            history=history,
            interval=Interval(chosen["interval"] or Interval.WEEK),
            timezone=self.caller.timezone,
            since=chosen["since"],
            until=chosen["until"],
            at=timezone.now(),
        )
        return Response(found)  # in the shape of ProgressSerializer

    def _chosen(self, kind: type[PeriodFilters]) -> tuple[History, dict[str, Any]]:
        """The caller's conversations that pass the filters of the request, and the values of the filters.

        Raises ValidationError.
        """
        if not kind.base_filters.keys() & self.request.query_params.keys():
            return History(self.caller), dict.fromkeys(kind.base_filters)
        rows = VoiceConversation.objects.for_user(self.caller)
        filters = kind(self.request.query_params, rows, request=self.request)
        if not filters.is_valid():
            raise translate_validation(filters.errors)
        values = filters.form.cleaned_data
        is_filtered = any(values[name] for name in PeriodFilters.base_filters)
        return History(
            self.caller, cast(VoiceConversationQuerySet, filters.qs) if is_filtered else None
        ), values
