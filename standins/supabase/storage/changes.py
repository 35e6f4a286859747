"""Objects moved, copied and removed."""

import uuid
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.responses import JSONResponse, Response

from standins.supabase.auth.objects import rfc3339
from standins.supabase.storage import errors, names, objects
from standins.supabase.storage.calls import Call
from standins.supabase.storage.objects import Object


def move(call: Call) -> Response:
    """POST /object/move: another name, in this or in another bucket."""
    row, bucket, name = _source_and_target(call)
    if (row.bucket_id, row.name) != (bucket, name):
        with call.as_caller():
            if not objects.rename(call.cursor, row, bucket, name, at=call.at):
                raise errors.not_allowed("new row violates row-level security policy")
    return JSONResponse({"message": "Successfully moved"})


def copy(call: Call) -> Response:
    """POST /object/copy: the same content once more."""
    row, bucket, name = _source_and_target(call)
    new = replace(row, id=uuid.uuid4(), bucket_id=bucket, name=name, version=uuid.uuid4())
    new = replace(new, owner=call.owner or "", created_at=call.at, updated_at=call.at)
    with call.as_caller():
        objects.insert(call.cursor, new)
    call.after_failure.append(lambda: call.files.remove(new.version))
    try:
        call.files.copy(row.version, new.version)
    except FileNotFoundError:
        raise errors.no_object() from None
    return JSONResponse({"Id": str(new.id), "Key": f"{bucket}/{name}"})


def remove(call: Call) -> Response:
    """DELETE /object/{bucket}: the objects that ``prefixes`` names, in full, despite that word."""
    return JSONResponse(_removed(call, call.body.texts("prefixes")))


def remove_one(call: Call) -> Response:
    """DELETE /object/{bucket}/{path}"""
    if not _removed(call, [call.path]):
        raise errors.no_object()
    return JSONResponse({"message": "Successfully deleted"})


def _source_and_target(call: Call) -> tuple[Object, str, str]:
    """The locked object that the caller sees, and the bucket and name that it is to have."""
    bucket = names.valid_bucket(call.body.text("bucketId"))
    source = names.valid_object(call.body.text("sourceKey"))
    target_bucket = names.valid_bucket(call.body.text("destinationBucket", bucket))
    target = names.valid_object(call.body.text("destinationKey"))
    objects.lock(call.cursor, f"{bucket}/{source}", f"{target_bucket}/{target}")
    with call.as_caller():
        row = objects.find(call.cursor, bucket, source)
    if row is None:
        raise errors.no_object()
    return row, target_bucket, target


def _removed(call: Call, paths: list[str]) -> list[dict[str, Any]]:
    with call.as_caller():
        rows = objects.delete(call.cursor, call.bucket, paths)
    call.after_commit += [partial(call.files.remove, row.version) for row in rows]
    return [
        {
            "id": str(row.id),
            "bucket_id": row.bucket_id,
            "name": row.name,
            "owner": row.owner,
            "version": str(row.version),
            "metadata": row.metadata,
            "user_metadata": row.user_metadata,
            "created_at": rfc3339(row.created_at),
            "updated_at": rfc3339(row.updated_at),
            "last_accessed_at": rfc3339(row.last_accessed_at),
        }
        for row in rows
    ]
