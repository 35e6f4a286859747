"""Uploads and removals of objects."""

import uuid
from email.utils import format_datetime
from functools import partial

from starlette.responses import JSONResponse, Response

from standins.supabase.auth.objects import rfc3339
from standins.supabase.storage import buckets, errors, objects
from standins.supabase.storage.calls import Call
from standins.supabase.storage.objects import Object


def upload(call: Call) -> Response:
    """POST /object/{bucket}/{path}: stores a new object. A name in use causes a 409."""
    bucket, name, file = buckets.find(call.cursor, call.bucket), call.path, call.file
    assert file is not None
    if bucket.file_size_limit is not None and file.size > bucket.file_size_limit:
        raise errors.too_large()
    if not bucket.accepts(file.mime_type):
        raise errors.unsupported(file.mime_type)
    version = uuid.uuid4()
    call.after_failure.append(partial(call.files.remove, version))
    metadata = {
        "eTag": f'"{call.files.store(version, file.content)}"',
        "size": file.size,
        "mimetype": file.mime_type,
        "cacheControl": file.cache_control,
        "lastModified": format_datetime(call.at, usegmt=True),
        "contentLength": file.size,
        "httpStatusCode": 200,
    }
    owner = call.owner or ""
    new = Object(uuid.uuid4(), bucket.id, name, owner, version, metadata, call.at, call.at, call.at)
    with call.as_caller():
        objects.insert(call.cursor, new)
    return JSONResponse({"Id": str(new.id), "Key": f"{bucket.id}/{name}"})


def remove(call: Call) -> Response:
    """DELETE /object/{bucket}: removes objects by their full names, which the field ``prefixes`` lists."""
    with call.as_caller():
        rows = objects.delete(call.cursor, call.bucket, call.body.texts("prefixes"))
    call.after_commit += [partial(call.files.remove, row.version) for row in rows]
    return JSONResponse(
        [
            {
                "id": str(row.id),
                "bucket_id": row.bucket_id,
                "name": row.name,
                "owner": row.owner,
                "version": str(row.version),
                "metadata": row.metadata,
                "created_at": rfc3339(row.created_at),
                "updated_at": rfc3339(row.updated_at),
                "last_accessed_at": rfc3339(row.last_accessed_at),
            }
            for row in rows
        ]
    )
