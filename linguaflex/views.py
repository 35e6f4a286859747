"""The root of the site, and the checks of liveness and readiness."""

from typing import Any

from django.conf import settings
from django.db import connection
from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.errors import Unavailable
from accounts.integrations import jwks
from accounts.rest.viewsets import PublicEndpoint


@extend_schema(exclude=True)
class RootView(PublicEndpoint):
    """The service's name, and links to its documentation, health and API."""

    def get(self, request: Request) -> Response:
        links: dict[str, Any] = {
            name: reverse(name, request=request) for name in ("docs", "redoc", "schema", "health", "ready")
        }
        return Response({"service": "LinguaFlex", **links, "api": reverse("index", request=request)})


class HealthView(PublicEndpoint):
    """Liveness."""

    @extend_schema(
        operation_id="health",
        auth=[],
        responses=inline_serializer("Health", {"status": serializers.CharField()}),
    )
    def get(self, request: Request) -> Response:
        """Check liveness. Returns ``ok`` while the process runs, without a database query."""
        return Response({"status": "ok"})


class ReadyView(PublicEndpoint):
    """Readiness."""

    @extend_schema(
        operation_id="ready",
        auth=[],
        responses={
            200: inline_serializer("Ready", {"status": serializers.CharField()}),
            503: OpenApiResponse(description="The database or the signing keys cannot be reached."),
        },
    )
    def get(self, request: Request) -> Response:
        """Check readiness. Returns ``ready`` if the database and the signing keys are available."""
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        if not jwks.store_of(settings.SUPABASE_URL).is_ready():
            raise Unavailable("The signing keys cannot be reached.", code="keys_unavailable")
        return Response({"status": "ready"})
