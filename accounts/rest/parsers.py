"""Parsers of request bodies: strict JSON, events, an SDP offer, and a multipart form with one picture.

JSON that PostgreSQL cannot store is refused here with status 400, before it reaches the database.
"""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser, MultiPartParser

from accounts.errors import PayloadTooLarge
from accounts.values.content_length import announces_more
from accounts.values.exact_json import INTEGERS

MAX_JSON_BYTES = 2_500_000
MAX_FORM_BYTES = 5 * 1024 * 1024 + 64 * 1024  # a picture and the form around it
MAX_EVENTS_BYTES = 1_000_000
MAX_OFFER_BYTES = 64 * 1024
MAX_DEPTH = 32
MAX_NODES = 50_000


class StrictJSONParser(BaseParser):
    """JSON (RFC 8259) in UTF-8, with limits on size, depth, number of values and integer range.

    A byte order mark at its start is ignored, as RFC 8259, section 8.1, permits.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The parsed value. Raises ParseError, or PayloadTooLarge above MAX_JSON_BYTES."""
        content = read(stream, MAX_JSON_BYTES, "JSON", parser_context)
        try:
            value = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
        except RecursionError:
            raise ParseError(f"JSON may be up to {MAX_DEPTH} levels deep.") from None
        except UnicodeDecodeError:
            raise ParseError("JSON must be UTF-8.") from None
        except ValueError as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "a number is too long"
            raise ParseError(f"This is not JSON: {reason}.") from None
        # UTF-8 has no lone surrogate, and json.loads refuses a raw NUL: only escapes can produce them.
        check(value, has_escapes=b"\\u" in content)
        return value


class EventsParser(BaseParser):
    """JSON of up to 1 MB. Events may have any values: only the parts that are read are stored."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The parsed value and its size in bytes. Raises ParseError, or PayloadTooLarge."""
        content = read(stream, MAX_EVENTS_BYTES, "A request with events", parser_context)
        try:
            return json.loads(content), len(content)
        except (ValueError, RecursionError):
            raise ParseError("This is not JSON in UTF-8.") from None


class OfferParser(BaseParser):
    """An SDP offer (RFC 8866) of a browser."""

    media_type = "application/sdp"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The text. Raises ParseError for another text, or PayloadTooLarge above MAX_OFFER_BYTES."""
        content = read(stream, MAX_OFFER_BYTES, "An SDP offer", parser_context)
        try:
            text: str = content.decode()
        except UnicodeDecodeError:
            raise ParseError("An SDP offer must be UTF-8.") from None
        if not text.startswith("v=0") or "\x00" in text:
            raise ParseError("This is not an SDP offer. Send RTCPeerConnection.localDescription.sdp.")
        return text


class PictureParser(MultiPartParser):
    """A multipart form (RFC 7578) with one picture."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The form's texts and files. Raises ParseError, or PayloadTooLarge above MAX_FORM_BYTES."""
        refuse_announced(parser_context, MAX_FORM_BYTES, "A form with a picture")
        try:
            return super().parse(stream, media_type, parser_context)
        except RequestDataTooBig:
            raise PayloadTooLarge from None
        except (APIException, SuspiciousOperation, ValueError, LookupError):
            # Too many parts, an unknown charset, a truncated boundary.
            raise ParseError("This is not a multipart form with one picture.") from None


def read(stream: IO[Any], limit: int, what: str, parser_context: Mapping[str, Any] | None) -> bytes:
    """The body, of at most ``limit`` bytes. Raises PayloadTooLarge, with ``what`` in its sentence.

    A larger body that its header announces is not read. gunicorn reads 64 KB of it and closes the connection.
    """
    refuse_announced(parser_context, limit, what)
    content: bytes = stream.read(limit + 1)
    if len(content) > limit:
        raise PayloadTooLarge(f"{what} may be up to {limit:,} bytes.")
    return content


def refuse_announced(parser_context: Mapping[str, Any] | None, limit: int, what: str) -> None:
    """Raises PayloadTooLarge if the header ``Content-Length`` announces more than ``limit`` bytes."""
    meta = parser_context["request"].META if parser_context else {}
    if announces_more(meta, limit):
        raise PayloadTooLarge(f"{what} may be up to {limit:,} bytes.")


def _refuse_constant(name: str) -> None:
    raise ParseError(f"{name} is not JSON. Use null.")


def check(value: Any, *, has_escapes: bool) -> None:
    """Raises ParseError for JSON that cannot be stored. Checks texts only if they may have escapes.

    Iterative: deep input must not overflow the stack.
    """
    nodes, depth, level = 0, 0, [value]
    while level:
        nodes += len(level)
        if nodes > MAX_NODES:
            raise ParseError(f"JSON may contain up to {MAX_NODES:,} values.")
        following: list[Any] = []
        for node in level:
            if isinstance(node, str):
                if has_escapes:
                    _check_text(node)
            elif isinstance(node, dict):
                if has_escapes:
                    for key in node:
                        _check_text(key)
                following.extend(node.values())
            elif isinstance(node, list):
                following.extend(node)
            else:
                _check_number(node)
        depth, level = depth + any(isinstance(node, dict | list) for node in level), following
        if depth > MAX_DEPTH:
            raise ParseError(f"JSON may be up to {MAX_DEPTH} levels deep.")


def _check_number(node: Any) -> None:
    if isinstance(node, float) and not math.isfinite(node):
        raise ParseError("A number is too large.")
    if isinstance(node, int) and node not in INTEGERS:
        raise ParseError("An integer is beyond 64 bits.")


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise ParseError("Text may not contain the character NUL.")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ParseError("Text may not contain half a surrogate pair.") from None
