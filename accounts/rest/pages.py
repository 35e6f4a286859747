"""Answers with much data: pages that end at a number of bytes, and streamed lists and documents."""

import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, TypeVar

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import ExportBusy
from accounts.models.bounded import MAX_BYTES
from accounts.rest.finishing import Finishing
from accounts.rest.renderers import FastJSONRenderer

RENDERER = FastJSONRenderer()
Text = TypeVar("Text", bound=str | bytes)
# A document of hundreds of megabytes occupies a thread for minutes: one at a time, so that others stay free.
LONG_DOCUMENTS = threading.BoundedSemaphore(1)
MAX_SHORT = 500_000  # bytes or characters
MAX_WAIT = 2.0  # seconds


class Document(Finishing[Text]):
    """The parts of a document. Of those that have more than MAX_SHORT, a process writes one at a time.

    The first parts are read at once. Raises ExportBusy if another document takes longer than MAX_WAIT.
    """

    def __init__(self, parts: Iterator[Text]) -> None:
        read, size, finish = list[Text](), 0, None
        for part in parts:
            read.append(part)
            size += len(part)
            if size > MAX_SHORT:
                if not LONG_DOCUMENTS.acquire(timeout=MAX_WAIT):
                    raise ExportBusy
                finish = LONG_DOCUMENTS.release
                break
        super().__init__(chain(read, parts), finish)

    def prepend(self, parts: Iterable[Text]) -> None:
        """Writes these parts before the others."""
        self._parts = chain(parts, self._parts)

    __del__ = Finishing.close  # of a response that no server has closed


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
    """A JSON document. Up to MAX_BYTES are read before the response begins: an error there has a status.

    Raises ExportBusy.
    """
    document, read, size = Document(texts), list[bytes](), 0
    for text in document:
        read.append(text)
        size += len(text)
        if size > MAX_BYTES:
            document.prepend(read)
            return streamed_document(request, document, content_type=RENDERER.media_type)
    return HttpResponse(b"".join(read), content_type=RENDERER.media_type)


def streamed_document(request: Request, document: Document[Any], **options: Any) -> StreamingHttpResponse:
    """The document, written part by part; nothing of it for HEAD."""
    if request.method == "HEAD":
        document.close()
        return StreamingHttpResponse((), **options)
    return StreamingHttpResponse(document, **options)


def array_of(parts: Iterable[list[Any]]) -> Iterator[bytes]:
    """The JSON array of all values of the parts."""
    before = b"["
    for values in parts:
        if values:
            yield before + RENDERER.render(values)[1:-1]
            before = b","
    yield b"]" if before == b"," else b"[]"
