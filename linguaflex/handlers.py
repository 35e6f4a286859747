"""WSGI and ASGI handlers that accept a malformed ``Content-Type`` header."""

from typing import Any

from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


class AnyContentType:
    """Treats a malformed Content-Type as ``application/octet-stream``, which the view refuses with 415."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except (ValueError, LookupError):
            # Django parses the header before it calls a view, and would answer 500.
            meta["CONTENT_TYPE"] = "application/octet-stream"
            super()._set_content_type_params(meta)  # type: ignore[misc]


class WebRequest(AnyContentType, WSGIRequest): ...


class AsyncWebRequest(AnyContentType, ASGIRequest): ...


class WebHandler(WSGIHandler):
    """The WSGI application."""

    request_class = WebRequest


class AsyncWebHandler(ASGIHandler):
    """The ASGI application."""

    request_class = AsyncWebRequest
