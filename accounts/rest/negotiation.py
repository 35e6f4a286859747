"""The choice of parser and renderer."""

from collections.abc import Iterable
from typing import Any

from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

JSON = "application/json"
MAX_ACCEPT = 1_000  # characters; Django reads the parameters of a media type in quadratic time


class PlainBodyNegotiation(DefaultContentNegotiation):
    """DRF's choice. It refuses a compressed body, which no parser decompresses (RFC 9110, section 8.4)."""

    def get_accept_list(self, request: Request) -> list[str]:
        """The media types of the Accept header; any of a longer one. DRF reads all headers for it."""
        accepted = request.META.get("HTTP_ACCEPT", "*/*")
        return [each.strip() for each in accepted.split(",")] if len(accepted) <= MAX_ACCEPT else ["*/*"]

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """DRF's choice, which is found at once for the headers of almost all requests."""
        accepted = request.META.get("HTTP_ACCEPT", "*/*")
        first, *_ = renderers
        if accepted in ("*/*", JSON) and first.media_type == JSON and format_suffix is None:
            return first, JSON
        chosen: tuple[BaseRenderer, str] = super().select_renderer(request, renderers, format_suffix)
        return chosen

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> Any:
        """The parser of the body. Raises UnsupportedMediaType for a Content-Encoding except identity."""
        codings = request.META.get("HTTP_CONTENT_ENCODING", "").lower().split(",")
        if any(coding.strip() not in ("", "identity") for coding in codings):
            raise UnsupportedMediaType(
                "", "A body with Content-Encoding is not accepted. Send it without compression."
            )
        return super().select_parser(request, parsers)
