"""The metrics for Prometheus."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.crypto import constant_time_compare
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.rest.viewsets import PublicEndpoint


@extend_schema(exclude=True)
class MetricsView(PublicEndpoint):
    """Metrics, for the bearer of METRICS_TOKEN."""

    @property
    def default_response_headers(self) -> dict[str, str]:
        """DRF's headers. The token decides about the response."""
        return {**super().default_response_headers, "Vary": "Authorization"}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raises Http404 for every method without the token, or if METRICS_TOKEN is not set."""
        given = request.META.get("HTTP_AUTHORIZATION", "")
        if not settings.METRICS_TOKEN or not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
            raise Http404
        super().initial(request, *args, **kwargs)

    def get(self, request: Request) -> HttpResponse:
        """The metrics as text."""
        from prometheus_client import CONTENT_TYPE_LATEST

        from linguaflex.operations import metrics

        return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
