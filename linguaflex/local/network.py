"""Addresses for browsers on other machines, with LINGUAFLEX_HOST=0.0.0.0."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from linguaflex.environment import is_local

POLICY = "Content-Security-Policy"
REWRITTEN = ("application/json", "text/html")


class AddressMiddleware:
    """Writes the stand-ins' addresses with the host of the request, if that is not a loopback address.

    The configuration for supabase-js, pictures of profiles and voice sessions contain these addresses. On a
    phone, 127.0.0.1 is the phone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        host = urlsplit(f"//{request.get_host()}").hostname or ""
        if not is_local(host) and response.get("Content-Type", "").startswith(REWRITTEN):
            for own, seen in stand_ins(host):
                rewrite(response, own, seen)
        return response


def stand_ins(host: str) -> Iterator[tuple[str, str]]:
    """Pairs: host and port of a stand-in for this machine, and for a browser that uses ``host``."""
    for url in (settings.SUPABASE_URL, settings.OPENAI_BASE_URL):
        parts = urlsplit(url)
        if is_local(parts.hostname or "") and parts.port:
            yield parts.netloc, f"{host}:{parts.port}"


def rewrite(response: HttpResponseBase, own: str, seen: str) -> None:
    """Replaces ``own`` in the body, unless that is streamed, and in the policy of a page."""
    if not response.streaming:
        response.content = response.content.replace(own.encode(), seen.encode())  # type: ignore[attr-defined]
    if POLICY in response:
        response[POLICY] = response[POLICY].replace(own, seen)
