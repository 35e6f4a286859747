"""The list of resources, and the Supabase settings for browsers."""

from django.conf import settings
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.rest.viewsets import PublicEndpoint


@extend_schema(exclude=True)
class IndexView(PublicEndpoint):
    """The URLs of the resources, for developers who open /accounts/ in a browser."""

    def get(self, request: Request) -> Response:
        resources = ("users", "teachers", "gigs", "supabase/chats", "voice-conversations", "reports")
        links = {name: f"{reverse('index', request=request)}{name}/" for name in resources}
        return Response({**links, "docs": reverse("docs", request=request)})


class SupabaseConfigView(PublicEndpoint):
    @extend_schema(
        operation_id="supabase_config",
        auth=[],
        responses=inline_serializer(
            "SupabaseConfig",
            {"url": serializers.URLField(), "publishable_key": serializers.CharField()},
        ),
    )
    def get(self, request: Request) -> Response:
        """Get the Supabase settings. A browser needs them to create a supabase-js client."""
        return Response({"url": settings.SUPABASE_URL, "publishable_key": settings.SUPABASE_PUBLISHABLE_KEY})
