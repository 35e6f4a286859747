"""One log line and one measurement for each request, and the header ``X-Request-ID`` of its response."""

import re
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import empty

from accounts.rest.finishing import Finishing
from linguaflex.operations import measurement, request_log
from linguaflex.operations.measurement import Measurement

REQUEST_ID = re.compile("[A-Za-z0-9-]{1,64}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class RequestMiddleware:
    """The outermost middleware: Django turns errors of all others into responses before they reach it.

    It is synchronous, because the statements of a request run in the thread in which it is measured.
    """

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.count: Callable[..., None] | None = None
        if settings.METRICS_TOKEN:
            from linguaflex.operations import metrics

            self.count = metrics.count

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        measured = measurement.begin(id_of(request))
        response = self.get_response(request)
        response["X-Request-ID"] = measured.request_id
        if request.method == "HEAD" and not response.streaming:
            response.content = b""  # type: ignore[attr-defined] # gunicorn logs a warning for a body
        finish = partial(self.finish, request, response.status_code, measured)
        if response.streaming and not isinstance(response, FileResponse):
            response.streaming_content = Finishing(response.streaming_content, finish)  # type: ignore[attr-defined]
        else:
            finish()
        return response

    def finish(self, request: HttpRequest, status: int, measured: Measurement) -> None:
        """Counts a request and writes its log line."""
        facts: dict[str, Any] = {
            "method": request.method if request.method in METHODS else "OTHER",
            "route": route_of(request),
            "status": status,
            "measured": measured,
        }
        if self.count is not None:
            self.count(**facts)
        request_log.write(**facts, user_id=user_id_of(request))
        measurement.end()


def id_of(request: HttpRequest) -> str:
    """The id that a trusted proxy has given to the request, or a new one."""
    given = request.META.get("HTTP_X_REQUEST_ID", "") if settings.TRUSTED_PROXY_COUNT else ""
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def route_of(request: HttpRequest) -> str | None:
    """The URL pattern of the request. None if there is none: then the path is a text of the client."""
    if request.resolver_match is not None:
        return f"/{request.resolver_match.route}"
    return settings.STATIC_URL if request.path_info.startswith(settings.STATIC_URL) else None


def user_id_of(request: HttpRequest) -> str | None:
    """The id of the authenticated user. Loads no user from the database."""
    user: Any = getattr(request, "user", None)
    # In the admin, the user is a lazy object, which may not have been loaded.
    user = getattr(user, "_wrapped", user)
    pk = None if user is empty else getattr(user, "pk", None)
    return None if pk is None else str(pk)
