"""Downloads of objects, of public buckets or with the caller's permissions."""

from collections.abc import Iterator
from typing import IO

from starlette.responses import Response, StreamingResponse

from standins.supabase.storage import buckets, errors, objects
from standins.supabase.storage.calls import Call
from standins.supabase.storage.files import CHUNK_BYTES
from standins.supabase.storage.objects import Object

# Uploaded files have the origin of the stand-in, so browsers must not run them as pages.
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def read_public(call: Call) -> Response:
    """GET /object/public/{bucket}/{path}: an object of a public bucket."""
    if not buckets.find(call.cursor, call.bucket).public:
        raise errors.no_bucket()
    return _response(call, objects.find(call.cursor, call.bucket, call.path))


def read(call: Call) -> Response:
    """GET /object/{bucket}/{path}: an object of a public bucket, or an object that the caller may read."""
    if buckets.find(call.cursor, call.bucket).public:
        return read_public(call)
    with call.as_caller():
        row = objects.find(call.cursor, call.bucket, call.path)
    return _response(call, row)


def _response(call: Call, row: Object | None) -> Response:
    if row is None:
        raise errors.no_object()
    try:
        file = call.files.open(row.version)
    except FileNotFoundError:
        raise errors.no_object() from None
    mime_type = row.metadata["mimetype"]
    headers = {
        **SAFE_HEADERS,
        "Content-Type": "text/plain" if "html" in mime_type.lower() else mime_type,  # as on Supabase
        "Content-Length": str(row.metadata["size"]),
        "ETag": row.metadata["eTag"],
        "Last-Modified": row.metadata["lastModified"],
        "Cache-Control": row.metadata["cacheControl"],
    }
    return StreamingResponse(_chunks(file), headers=headers)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
