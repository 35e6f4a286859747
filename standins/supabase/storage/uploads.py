"""Files in: new, replaced, or by an address that somebody signed."""

import uuid
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from starlette.responses import JSONResponse, Response

from standins.supabase.storage import buckets, errors, objects, signatures
from standins.supabase.storage.calls import Call
from standins.supabase.storage.incoming import Upload, unsupported
from standins.supabase.storage.objects import Object


def create(call: Call) -> Response:
    """POST /object/{bucket}/{path}: a new object; ``x-upsert: true`` takes an old one's place."""
    row = _arrived(call, call.owner)
    old = _locked(call)
    with call.as_caller():
        objects.insert(call.cursor, row, upsert=wants_upsert(call))
    _forget(call, old)
    return _answer(call, row, old)


def replace_content(call: Call) -> Response:
    """PUT /object/{bucket}/{path}: another content for an object that is there."""
    row = _arrived(call, call.owner)
    old = _locked(call)
    with call.as_caller():
        if not objects.replace(call.cursor, row):
            raise errors.no_object()
    _forget(call, old)
    return _answer(call, row, old)


def create_by_signature(call: Call) -> Response:
    """PUT /object/upload/sign/{bucket}/{path}?token=: as whoever signed it was allowed to."""
    signed = signatures.verify(call, signatures.UPLOAD)
    row = _arrived(call, signed.get("owner"))
    old = _locked(call)
    objects.insert(call.cursor, row, upsert=signed.get("upsert") is True)
    _forget(call, old)
    return _answer(call, row, old)


def wants_upsert(call: Call) -> bool:
    """Whether the caller lets the upload replace an object of the same name."""
    return call.request.headers.get("x-upsert", "").lower() == "true"


def planned(call: Call, owner: str | None) -> Object:
    """The row of an object that does not exist yet."""
    return Object(
        id=uuid.uuid4(),
        bucket_id=call.bucket,
        name=call.path,
        owner=owner or "",
        version=uuid.uuid4(),
        metadata={},
        user_metadata={},
        created_at=call.at,
        updated_at=call.at,
        last_accessed_at=call.at,
    )


def metadata_of(upload: Upload, etag: str, at: datetime) -> dict[str, Any]:
    """What Supabase notes of a file."""
    return {
        "eTag": f'"{etag}"',
        "size": upload.size,
        "mimetype": upload.mime_type,
        "cacheControl": upload.cache_control,
        "lastModified": format_datetime(at, usegmt=True),
        "contentLength": upload.size,
        "httpStatusCode": 200,
    }


def _arrived(call: Call, owner: str | None) -> Object:
    """The row of what was sent, whose file is written; it goes again if the request fails.

    Raises StorageError when the bucket does not take it.
    """
    bucket, upload = buckets.find(call.cursor, call.bucket), call.upload
    assert upload is not None
    if bucket.file_size_limit is not None and upload.size > bucket.file_size_limit:
        raise errors.too_large()
    if not bucket.takes(upload.mime_type):
        raise unsupported(upload.mime_type)
    row = planned(call, owner)
    call.after_failure.append(lambda: call.files.remove(row.version))
    etag = call.files.store(row.version, upload.file)
    return replace(row, metadata=metadata_of(upload, etag, call.at), user_metadata=upload.metadata)


def _locked(call: Call) -> Object | None:
    """The object that has the name now."""
    objects.lock(call.cursor, f"{call.bucket}/{call.path}")
    return objects.find(call.cursor, call.bucket, call.path)


def _forget(call: Call, old: Object | None) -> None:
    if old is not None:
        call.after_commit.append(lambda: call.files.remove(old.version))


def _answer(call: Call, row: Object, old: Object | None) -> Response:
    return JSONResponse({"Id": str(old.id if old else row.id), "Key": f"{call.bucket}/{call.path}"})
