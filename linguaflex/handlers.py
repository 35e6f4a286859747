"""WSGI and ASGI handlers that accept a malformed ``Content-Type`` and remove headers of untrusted proxies."""

from typing import Any

from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

from linguaflex import proxies

MAX_CONTENT_TYPE = 1_000  # characters; Django reads its parameters in quadratic time


class AnyContentType:
    """Replaces a malformed Content-Type by ``application/octet-stream``, which views refuse with 415.

    Also one of more than MAX_CONTENT_TYPE.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        if len(meta.get("CONTENT_TYPE", "")) > MAX_CONTENT_TYPE:
            meta["CONTENT_TYPE"] = "application/octet-stream"
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except (ValueError, LookupError):
            # Django parses the header before it calls a view; the exception would cause a 500.
            meta["CONTENT_TYPE"] = "application/octet-stream"
            super()._set_content_type_params(meta)  # type: ignore[misc]


class WebRequest(AnyContentType, WSGIRequest):
    def __init__(self, environ: dict[str, Any]) -> None:
        super().__init__(proxies.without_proxy_headers(environ))


class AsyncWebRequest(AnyContentType, ASGIRequest):
    def __init__(self, scope: dict[str, Any], body_file: Any) -> None:
        super().__init__(proxies.scope_without_proxy_headers(scope), body_file)


class WebHandler(WSGIHandler):
    request_class = WebRequest


class AsyncWebHandler(ASGIHandler):
    request_class = AsyncWebRequest
