"""Files on their way in: multipart or raw bodies, counted while they are read.

storage-js sends its file part under an empty field name; storage3 names it "file".
"""

import base64
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from standins.supabase.auth.input import Fields
from standins.supabase.storage import errors
from standins.supabase.storage.errors import StorageError

MAX_FILE_BYTES = 50 * 1024 * 1024  # Supabase's default; a bucket may have less
MAX_MULTIPART_EXTRA_BYTES = 64 * 1024  # boundaries and the few fields beside the file
MAX_FIELDS = 20
SPOOLED_BYTES = 1024 * 1024
MIME_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+*-]{1,100}( ?;[\x20-\x7e]{1,100})?", re.ASCII)
CACHE_CONTROL = re.compile(r"[\x20-\x7e]{1,100}")


@dataclass(frozen=True)
class Upload:
    """A file that came whole; ``metadata`` is what its sender says of it."""

    file: IO[bytes]
    size: int
    mime_type: str
    cache_control: str
    metadata: dict[str, Any]


async def receive(request: Request) -> Upload:
    """The file in the body; whoever gets it closes it. Raises StorageError or AuthError."""
    content_type = request.headers.get("content-type", "application/octet-stream")
    if content_type.lower().startswith("multipart/form-data"):
        return await _from_multipart(request)
    file = SpooledTemporaryFile(max_size=SPOOLED_BYTES)  # noqa: SIM115 - its receiver closes it
    try:
        size = 0
        async for chunk in _counted(request, MAX_FILE_BYTES):
            size += file.write(chunk)
        file.seek(0)
        return _upload(
            file,
            size,
            content_type,
            request.headers.get("cache-control", ""),
            _decoded(request.headers.get("x-metadata", "")),
        )
    except BaseException:
        file.close()
        raise


async def _from_multipart(request: Request) -> Upload:
    stream = _counted(request, MAX_FILE_BYTES + MAX_MULTIPART_EXTRA_BYTES)
    parser = MultiPartParser(request.headers, stream, max_files=1, max_fields=MAX_FIELDS)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise errors.invalid(error.message) from None
    part = next((value for _, value in form.multi_items() if isinstance(value, UploadFile)), None)
    if part is None:
        raise errors.invalid("No file provided")
    try:
        seconds = _text(form, "cacheControl")
        return _upload(
            part.file,
            part.size or 0,
            part.content_type or "application/octet-stream",
            f"max-age={seconds}" if seconds.isascii() and seconds.isdigit() else seconds,
            _text(form, "metadata"),
        )
    except BaseException:
        part.file.close()
        raise


async def _counted(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """The body; refused as soon as it is longer than ``limit``."""
    count = 0
    async for chunk in request.stream():
        count += len(chunk)
        if count > limit:
            raise errors.too_large()
        yield chunk


def _upload(file: IO[bytes], size: int, mime_type: str, cache_control: str, metadata: str) -> Upload:
    if size > MAX_FILE_BYTES:
        raise errors.too_large()
    if not MIME_TYPE.fullmatch(mime_type):
        raise unsupported(mime_type)
    if not CACHE_CONTROL.fullmatch(cache_control):
        cache_control = "no-cache"
    values = Fields.from_json(metadata.encode("utf-8", "surrogatepass")).values
    return Upload(file, size, mime_type, cache_control, dict(values))


def unsupported(mime_type: str) -> StorageError:
    """The refusal of a type that is none, or that the bucket does not take."""
    return StorageError(415, "invalid_mime_type", f"mime type {mime_type} is not supported")


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _decoded(header: str) -> str:
    """The metadata of a raw upload, which travel in base64."""
    try:
        return base64.b64decode(header, validate=True).decode()
    except ValueError:
        raise errors.invalid("x-metadata is no base64 of UTF-8") from None
