"""Django's handlers, with a request that no header of the caller's can break."""

from typing import Any

from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


class AnyContentType:
    """Takes a Content-Type that cannot be read for bytes of no known kind: the view refuses it."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except (ValueError, LookupError):
            # Outside of every view, where Django would answer 500.
            meta["CONTENT_TYPE"] = "application/octet-stream"
            super()._set_content_type_params(meta)  # type: ignore[misc]


class WebRequest(AnyContentType, WSGIRequest):
    """A WSGI request."""


class AsyncWebRequest(AnyContentType, ASGIRequest):
    """An ASGI request."""


class WebHandler(WSGIHandler):
    """The WSGI application."""

    request_class = WebRequest


class AsyncWebHandler(ASGIHandler):
    """The ASGI application."""

    request_class = AsyncWebRequest
