"""Headers of every response: Content-Security-Policy, and Cache-Control."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from linguaflex import policies
from linguaflex.middleware import ADMIN

View = Callable[..., HttpResponseBase]
CACHE, POLICY = "Cache-Control", "Content-Security-Policy"
# Browsers may keep such a response, and ask the server before they use it.
REVALIDATED = "no-cache"


class ResponseHeadersMiddleware:
    """Adds ``Cache-Control: no-store`` and a policy to responses without these headers.

    Most responses have private data or tokens (RFC 6749, section 5.1), and no validator: a cache that stores
    them would save no request.
    """

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        headers = response.headers
        if CACHE not in headers:
            headers[CACHE] = "no-store"
        if POLICY not in headers and not is_debug_page(response):
            is_admin = request.path_info.startswith(ADMIN)
            headers[POLICY] = policies.ADMIN if is_admin else policies.API
        return response


def is_debug_page(response: HttpResponseBase) -> bool:
    """Whether the response may be Django's page about an exception, which has inline scripts and styles."""
    return settings.DEBUG and response.status_code in (404, 500)


def public(view: View) -> View:
    """Lets caches keep the view's responses, which are the same for everybody."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers.setdefault(CACHE, REVALIDATED)
        return response

    return answer


def page(view: View, policy: str | Callable[[], str], *, microphone: bool = False) -> View:
    """Sends the policy with the view's responses, which are the same for everybody, unless they have one.

    The page has no access to camera and location; to the microphone with ``microphone`` only.
    """
    open_view = public(view)
    permissions = f"camera=(), geolocation=(), microphone=({'self' if microphone else ''})"

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = open_view(request, *args, **kwargs)
        response.headers.setdefault(POLICY, policy if isinstance(policy, str) else policy())
        response.headers["Permissions-Policy"] = permissions
        # drf-spectacular permits pages of other sites for OAuth, which Swagger UI does not use here.
        del response["Cross-Origin-Opener-Policy"]
        return response

    return answer
