"""The root of the site, the OpenAPI document, and the checks of liveness, readiness and background jobs."""

from threading import Lock
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema, inline_serializer
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.errors import Unavailable
from accounts.integrations import jwks
from accounts.rest.error_codes import error_codes
from accounts.rest.viewsets import PublicEndpoint
from accounts.services import worker_health


@extend_schema(exclude=True)
class RootView(PublicEndpoint):
    """The service's name, and links to its documentation, health and API."""

    def get(self, request: Request) -> Response:
        links: dict[str, Any] = {
            name: reverse(name, request=request) for name in ("docs", "redoc", "schema", "health", "ready")
        }
        return Response({"service": "LinguaFlex", **links, "api": reverse("index", request=request)})


@extend_schema(exclude=True)
class SchemaView(SpectacularAPIView):
    """The OpenAPI document, in the media type that the request accepts.

    To write it takes a second, so each process writes it once for each media type. It does not depend on the
    request: the parameters ``version`` and ``lang`` of the base class are ignored.
    """

    written: dict[str, bytes] = {}
    lock = Lock()

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The document."""
        renderer: Any = request.accepted_renderer
        kind = renderer.media_type
        with self.lock:
            if kind not in self.written:
                generator: Any = self.generator_class()
                self.written[kind] = renderer.render(generator.get_schema(request=request, public=True))
        content_type = f"{kind}; charset={renderer.charset}" if renderer.charset else kind
        disposition = f'inline; filename="LinguaFlex.{renderer.format}"'
        headers = {"Content-Type": content_type, "Content-Disposition": disposition}
        return HttpResponse(self.written[kind], headers=headers)


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

    @error_codes("database_unavailable", "keys_unavailable")
    @extend_schema(
        operation_id="ready",
        auth=[],
        responses=inline_serializer("Ready", {"status": serializers.CharField()}),
    )
    def get(self, request: Request) -> Response:
        """Check readiness. Returns ``ready`` if the database and the signing keys are available."""
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        if not jwks.store_of(settings.SUPABASE_URL).is_ready():
            raise Unavailable("The signing keys cannot be reached.", code="keys_unavailable")
        return Response({"status": "ready"})


class WorkerHealthView(PublicEndpoint):
    """The health of background jobs."""

    @error_codes("database_unavailable", "worker_not_seen", "jobs_late")
    @extend_schema(
        operation_id="health_worker",
        auth=[],
        responses=inline_serializer(
            "WorkerHealth",
            {
                "status": serializers.CharField(),
                "last_seen": serializers.DateTimeField(),
                "oldest_job_age_seconds": serializers.IntegerField(),
            },
        ),
    )
    def get(self, request: Request) -> Response:
        """Check the background jobs. ``last_seen`` is that of the queue whose workers are silent longest."""
        at = timezone.now()
        queues = worker_health.check(at)
        oldest = max(queue.oldest_age(at) for queue in queues)
        return Response(
            {
                "status": "ok",
                "last_seen": min(queue.seen_at for queue in queues if queue.seen_at),
                "oldest_job_age_seconds": int(oldest.total_seconds()),
            }
        )
