"""Files out: public, by the caller's rights, or by a signed address."""

from collections.abc import Iterator
from email.utils import formatdate
from typing import IO, Any
from urllib.parse import quote

from starlette.responses import JSONResponse, Response, StreamingResponse

from standins.supabase.auth.objects import rfc3339
from standins.supabase.storage import buckets, errors, objects, signatures
from standins.supabase.storage.calls import Call
from standins.supabase.storage.files import CHUNK_BYTES
from standins.supabase.storage.objects import Object

# Anybody's files on our own origin: none of them may act as a page of it.
HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def read_public(call: Call) -> Response:
    """GET /object/public/{bucket}/{path}"""
    return _file(call, _public(call))


def read(call: Call) -> Response:
    """GET /object/{bucket}/{path}, or the same below /object/authenticated/."""
    return _file(call, _visible(call))


def read_by_signature(call: Call) -> Response:
    """GET /object/sign/{bucket}/{path}?token=: until the token is over."""
    claims = signatures.verify(call, signatures.DOWNLOAD)
    row = objects.find(call.cursor, call.bucket, call.path)
    return _file(call, row, Expires=formatdate(claims["exp"], usegmt=True))


def public_info(call: Call) -> Response:
    """GET /object/info/public/{bucket}/{path}"""
    return _info(_public(call))


def info(call: Call) -> Response:
    """GET /object/info/{bucket}/{path}"""
    return _info(_visible(call))


def _public(call: Call) -> Object | None:
    if not buckets.find(call.cursor, call.bucket).public:
        raise errors.no_bucket()
    return objects.find(call.cursor, call.bucket, call.path)


def _visible(call: Call) -> Object | None:
    """The object, if its bucket is public or the caller may see it."""
    if buckets.find(call.cursor, call.bucket).public:
        return objects.find(call.cursor, call.bucket, call.path)
    with call.as_caller():
        return objects.find(call.cursor, call.bucket, call.path)


def _file(call: Call, row: Object | None, **headers: str) -> Response:
    """The content; ``Expires`` in ``headers`` takes the place of the object's own caching."""
    if row is None:
        raise errors.no_object()
    try:
        file = call.files.open(row.version)
    except FileNotFoundError:
        raise errors.no_object() from None
    named = {
        **HARMLESS,
        "Content-Type": _harmless_type(row.metadata["mimetype"]),
        "Content-Length": str(row.metadata["size"]),
        "ETag": row.metadata["eTag"],
        "Last-Modified": row.metadata["lastModified"],
        **(headers or {"Cache-Control": row.metadata["cacheControl"]}),
        **_download(call),
    }
    if call.request.method == "HEAD":
        file.close()
        return Response(headers=named)
    return StreamingResponse(_chunks(file), headers=named)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _harmless_type(mime_type: str) -> str:
    """HTML is shown as text, as on Supabase."""
    return "text/plain" if "html" in mime_type.lower() else mime_type


def _download(call: Call) -> dict[str, str]:
    """``?download=`` has the browser save the file, under a name if one is given."""
    if "download" not in call.query.values:
        return {}
    name = quote(call.query.text("download"), safe="")
    named = f"; filename={name}; filename*=UTF-8''{name}" if name else ""
    return {"Content-Disposition": f"attachment{named}"}


def _info(row: Object | None) -> Response:
    if row is None:
        raise errors.no_object()
    found: dict[str, Any] = {
        "id": str(row.id),
        "version": str(row.version),
        "name": row.name,
        "bucket_id": row.bucket_id,
        "size": row.metadata["size"],
        "content_type": row.metadata["mimetype"],
        "cache_control": row.metadata["cacheControl"],
        "etag": row.metadata["eTag"],
        "metadata": row.user_metadata,
        "last_modified": rfc3339(row.updated_at),
        "created_at": rfc3339(row.created_at),
    }
    return JSONResponse(found)
