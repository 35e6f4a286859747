"""Answers with a list: a page that ends at a number of bytes, and a long list that is streamed."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models.bounded import MAX_BYTES
from accounts.rest.renderers import FastJSONRenderer

RENDERER = FastJSONRenderer()


class PageResponse(Response):
    """A page of a list of at most MAX_BYTES, but of one row at least.

    If the rows have more bytes, the first ones remain, or with ``last`` the last ones. ``shorten`` is called
    with their number then, and returns headers for the shorter page.
    """

    def __init__(
        self,
        data: list[Any],
        *,
        shorten: Callable[[int], dict[str, str]] = lambda count: {},
        last: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        self._shorten = shorten
        self._last = last

    @property
    def rendered_content(self) -> Any:
        """The body as bytes. DRF reads it once, before the middleware sees the headers."""
        content: Any = super().rendered_content
        if len(content) <= MAX_BYTES or len(self.data) < 2:
            return content
        del content
        count = self._count(self.data[::-1] if self._last else self.data)
        self.data = self.data[-count:] if self._last else self.data[:count]
        for name, value in self._shorten(count).items():
            self[name] = value
        return super().rendered_content

    def _count(self, rows: list[Any]) -> int:
        """The number of the first rows that have at most MAX_BYTES together; 1 at least."""
        response: Any = self
        negotiated = (response.accepted_media_type, response.renderer_context)
        size = 0
        for count, row in enumerate(rows):
            # Rendered as a list of its own: the two brackets count for the comma and for those of the page.
            size += len(response.accepted_renderer.render([row], *negotiated))
            if size > MAX_BYTES:
                return max(count, 1)
        return len(rows)


def streamed(
    request: Request,
    parts: Iterator[list[Any]],
    write: Callable[[list[Any]], list[Any]],
    headers: dict[str, str],
) -> StreamingHttpResponse:
    """A list as one JSON array, written part by part. The first part is read at once, with its errors."""
    if request.method == "HEAD":
        return StreamingHttpResponse((), content_type=RENDERER.media_type, headers=headers)
    texts = array_of(write(rows) for rows in parts)
    first = next(texts)
    return StreamingHttpResponse(chain([first], texts), content_type=RENDERER.media_type, headers=headers)


def whole_or_streamed(request: Request, texts: Iterator[bytes]) -> HttpResponseBase:
    """A JSON document. Up to MAX_BYTES are read before the response begins: an error there has a status."""
    read, size = [], 0
    for text in texts:
        read.append(text)
        size += len(text)
        if size > MAX_BYTES:
            parts = () if request.method == "HEAD" else chain(read, texts)
            return StreamingHttpResponse(parts, content_type=RENDERER.media_type)
    return HttpResponse(b"".join(read), content_type=RENDERER.media_type)


def array_of(parts: Iterable[list[Any]]) -> Iterator[bytes]:
    """The JSON array of all values of the parts."""
    before = b"["
    for values in parts:
        if values:
            yield before + RENDERER.render(values)[1:-1]
            before = b","
    yield b"]" if before == b"," else b"[]"
