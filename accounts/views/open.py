"""Endpoints without the guard: the class that they share, and those that tell of the service."""

from typing import Any

from django.conf import settings
from django.db import connection
from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from accounts.errors import Unavailable
from accounts.integrations import jwks


class OpenEndpoint(APIView):
    """An endpoint for everybody: a stale bearer that a page attaches is not even looked at."""

    authentication_classes = []
    permission_classes = [AllowAny]


class SupabaseConfigView(OpenEndpoint):
    """What a browser needs to make a supabase-js client."""

    @extend_schema(
        operation_id="supabase_config",
        auth=[],
        responses=inline_serializer(
            "SupabaseConfig",
            {"url": serializers.URLField(), "publishable_key": serializers.CharField()},
        ),
    )
    def get(self, request: Request) -> Response:
        """Supabase's address and public key."""
        return Response(
            {
                "url": settings.SUPABASE_URL,
                "publishable_key": settings.SUPABASE_PUBLISHABLE_KEY,
            }
        )


@extend_schema(exclude=True)
class RootView(OpenEndpoint):
    """Names the service and links to its parts."""

    def get(self, request: Request) -> Response:
        """The name and the links."""
        links: dict[str, Any] = {
            name: reverse(name, request=request) for name in ("docs", "redoc", "schema", "health", "ready")
        }
        return Response({"service": "LinguaFlex", **links, "api": reverse_api(request)})


@extend_schema(exclude=True)
class IndexView(OpenEndpoint):
    """What stands below /accounts/, for whoever opens that address."""

    def get(self, request: Request) -> Response:
        """Each resource's address."""
        resources = ("users", "teachers", "gigs", "supabase/chats", "voice-conversations")
        links = {name: f"{reverse_api(request)}{name}/" for name in resources}
        return Response({**links, "docs": reverse("docs", request=request)})


def reverse_api(request: Request) -> str:
    """The address that every endpoint of the API begins with."""
    return str(request.build_absolute_uri("/accounts/"))


class HealthView(OpenEndpoint):
    """Liveness: this process answers."""

    @extend_schema(
        operation_id="health",
        auth=[],
        responses=inline_serializer("Health", {"status": serializers.CharField()}),
    )
    def get(self, request: Request) -> Response:
        """``ok`` whenever the process runs."""
        return Response({"status": "ok"})


class ReadyView(OpenEndpoint):
    """Readiness: what every request needs is there."""

    @extend_schema(
        operation_id="ready",
        auth=[],
        responses={
            200: inline_serializer("Ready", {"status": serializers.CharField()}),
            503: OpenApiResponse(description="The database or the key store is not there."),
        },
    )
    def get(self, request: Request) -> Response:
        """``ready`` when the database answers and tokens can be verified."""
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        if not jwks.store_of(settings.SUPABASE_URL).is_ready():
            raise Unavailable("The signing keys cannot be reached.", code="keys_unavailable")
        return Response({"status": "ready"})
