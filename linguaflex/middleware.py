"""Middleware of Django and django-cors-headers, without their work for requests that do not need it.

Sessions, forms, logins and messages are the admin's. An API request has no session: its token is read by
``accounts.rest.authentication``. One middleware is ours: it refuses chunked bodies.
"""

from collections.abc import Callable
from typing import Any

from corsheaders import middleware as cors
from django.conf import settings
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware import csrf
from django.utils.cache import patch_vary_headers

from accounts.values.content_length import announces_more
from linguaflex.json_errors import error

ADMIN = "/admin/"


class BodyLengthMiddleware:
    """Refuses a body of unknown length (RFC 9112, section 7.1), which Django would read as an empty one.

    nginx passes on none: it reads the body, and sends its length.
    """

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            detail = "Send the body with a Content-Length. This server accepts no chunked bodies."
            return error(400, detail, "bad_request")
        return self.get_response(request)


class AdminOnly:
    """Passes other requests on, unchanged. A base class before a middleware of Django."""

    get_response: Any

    def __call__(self, request: Any) -> Any:
        if request.path_info.startswith(ADMIN):
            return super().__call__(request)  # type: ignore[misc]
        return self.get_response(request)


class SessionMiddleware(AdminOnly, sessions.SessionMiddleware):
    pass


class CsrfViewMiddleware(AdminOnly, csrf.CsrfViewMiddleware):
    def process_view(self, request: Any, *args: Any) -> Any:
        """Checks forms. Django calls this for each view, not only through ``__call__``.

        Refuses a large form before it is read: Django writes files of any size to the disk.
        """
        if not request.path_info.startswith(ADMIN):
            return None
        if announces_more(request.META, settings.DATA_UPLOAD_MAX_MEMORY_SIZE):
            return error(413, "The form is too large.", "payload_too_large")
        return super().process_view(request, *args)


class AuthenticationMiddleware(AdminOnly, auth.AuthenticationMiddleware):
    pass


class MessageMiddleware(AdminOnly, messages.MessageMiddleware):
    pass


class CorsMiddleware(cors.CorsMiddleware):
    def add_response_headers(self, request: Any, response: Any) -> Any:
        """Without an ``Origin``, adds ``Vary`` only. The base class would read all headers for it."""
        if "HTTP_ORIGIN" in request.META:
            return super().add_response_headers(request, response)
        patch_vary_headers(response, ("origin",))
        return response
