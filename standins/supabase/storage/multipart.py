"""Multipart forms with one file. The limit of their size is applied while they are read.

The file part has an empty field name in storage-js and the name "file" in storage3.
"""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import IO

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from standins.supabase.storage import errors

MAX_FILE_BYTES = 50 * 1024 * 1024  # Supabase's default; a bucket may have a lower limit
MAX_EXTRA_BYTES = 64 * 1024  # boundaries and the fields beside the file
MAX_FIELDS = 20
MIME_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+*-]{1,100}( ?;[\x20-\x7e]{1,100})?", re.ASCII)
CACHE_CONTROL = re.compile(r"[\x20-\x7e]{1,100}")


@dataclass(frozen=True)
class UploadedFile:
    """A complete file. The receiver must close ``content``. ``size`` is in bytes."""

    content: IO[bytes]
    size: int
    mime_type: str
    cache_control: str


async def receive(request: Request) -> UploadedFile:
    """The file in the request's body. Raises StorageError."""
    content_type = request.headers.get("content-type", "")
    if not content_type.lower().startswith("multipart/form-data"):
        raise errors.invalid("The stand-in accepts uploads as multipart/form-data only")
    parser = MultiPartParser(request.headers, _limited(request), max_files=1, max_fields=MAX_FIELDS)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise errors.invalid(error.message) from None
    part = next((value for _, value in form.multi_items() if isinstance(value, UploadFile)), None)
    if part is None:
        raise errors.invalid("No file provided")
    size, mime_type = part.size or 0, part.content_type or "application/octet-stream"
    if size > MAX_FILE_BYTES or not MIME_TYPE.fullmatch(mime_type):
        part.file.close()
        raise errors.too_large() if size > MAX_FILE_BYTES else errors.unsupported(mime_type)
    return UploadedFile(part.file, size, mime_type, _cache_control(form.get("cacheControl")))


async def _limited(request: Request) -> AsyncGenerator[bytes, None]:
    """The chunks of the body. Raises StorageError at the first chunk beyond the limit."""
    count = 0
    async for chunk in request.stream():
        count += len(chunk)
        if count > MAX_FILE_BYTES + MAX_EXTRA_BYTES:
            raise errors.too_large()
        yield chunk


def _cache_control(seconds: object) -> str:
    """The value of Cache-Control; clients send the number of seconds."""
    if not isinstance(seconds, str) or not CACHE_CONTROL.fullmatch(seconds):
        return "no-cache"
    return f"max-age={seconds}" if seconds.isdigit() else seconds
