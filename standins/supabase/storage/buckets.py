"""Buckets: the rows of ``storage.buckets`` and their endpoints."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import JSONResponse, Response

from standins.supabase.auth.objects import rfc3339
from standins.supabase.pool import Cursor
from standins.supabase.storage import errors, names
from standins.supabase.storage.calls import Call
from standins.supabase.storage.multipart import MAX_FILE_BYTES

COLUMNS = """id, name, coalesce(owner::text, ''), public, file_size_limit, allowed_mime_types,
    created_at, updated_at"""
UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}
SIZE = re.compile(r"(\d{1,12})(b|kb|mb|gb|)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Bucket:
    """One row. ``file_size_limit`` is in bytes; None means MAX_FILE_BYTES."""

    id: str
    name: str
    owner: str
    public: bool
    file_size_limit: int | None
    allowed_mime_types: list[str] | None
    created_at: datetime
    updated_at: datetime

    def accepts(self, mime_type: str) -> bool:
        """Whether files of this MIME type may be uploaded; ``image/*`` allows every image."""
        kind = mime_type.partition(";")[0].strip().lower()
        general = f"{kind.partition('/')[0]}/*"
        return not self.allowed_mime_types or not {kind, general, "*/*"}.isdisjoint(self.allowed_mime_types)


def find(cursor: Cursor, id: str) -> Bucket:
    """The bucket. Raises StorageError if it does not exist or the cursor's role may not read it."""
    cursor.execute(f"select {COLUMNS} from storage.buckets where id = %s", (id,))
    row = cursor.fetchone()
    if row is None:
        raise errors.no_bucket()
    return Bucket(*row)


def listing(call: Call) -> Response:
    """GET /bucket: lists the buckets that the caller may read."""
    with call.as_caller():
        call.cursor.execute(f"select {COLUMNS} from storage.buckets order by id")
        rows = call.cursor.fetchall()
    return JSONResponse([_object(Bucket(*row)) for row in rows])


def read(call: Call) -> Response:
    """GET /bucket/{bucket}: returns one bucket."""
    with call.as_caller():
        return JSONResponse(_object(find(call.cursor, call.bucket)))


def create(call: Call) -> Response:
    """POST /bucket: creates a bucket from name, id, public, file_size_limit and allowed_mime_types."""
    if "name" not in call.body:
        raise errors.invalid("body must have required property 'name'")
    name = names.valid_bucket(call.body.text("name"))
    id = names.valid_bucket(call.body.text("id", name))
    size = _size(call.body.values.get("file_size_limit"))
    mime_types = call.body.texts("allowed_mime_types") or None
    with call.as_caller():
        call.cursor.execute(
            """insert into storage.buckets (id, name, owner, owner_id, public, file_size_limit,
                 allowed_mime_types, created_at, updated_at)
               values (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (id, name, call.owner, call.owner, call.body.flag("public"), size, mime_types, call.at, call.at),
        )
    return JSONResponse({"name": id})


def _size(given: Any) -> int | None:
    """The size in bytes of a number or a text such as "5MB"; None for no limit. Raises StorageError."""
    if given is None:
        return None
    found = SIZE.fullmatch(str(given)) if isinstance(given, int | str) else None
    if found is None:
        raise errors.invalid("Invalid file size format, hint: use 20MB / 30KB / 3B")
    size = int(found[1]) * UNITS[found[2].lower()]
    if size > MAX_FILE_BYTES:
        raise errors.too_large()
    return size or None


def _object(bucket: Bucket) -> dict[str, Any]:
    return {
        "id": bucket.id,
        "name": bucket.name,
        "owner": bucket.owner,
        "public": bucket.public,
        "type": "STANDARD",
        "file_size_limit": bucket.file_size_limit,
        "allowed_mime_types": bucket.allowed_mime_types,
        "created_at": rfc3339(bucket.created_at),
        "updated_at": rfc3339(bucket.updated_at),
    }
