"""Buckets: the rows of ``storage.buckets`` and the endpoints that keep them."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from psycopg2 import errors as postgres
from starlette.responses import JSONResponse, Response

from standins.supabase.auth.objects import rfc3339
from standins.supabase.pool import Cursor
from standins.supabase.storage import errors, names
from standins.supabase.storage.calls import Call
from standins.supabase.storage.errors import StorageError
from standins.supabase.storage.incoming import MAX_FILE_BYTES

COLUMNS = """id, name, coalesce(owner::text, ''), public, file_size_limit, allowed_mime_types,
    created_at, updated_at"""
UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}
SIZE = re.compile(r"(\d{1,12})(b|kb|mb|gb|)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Bucket:
    """One row; ``file_size_limit`` in bytes, and None where the stand-in's own limit counts."""

    id: str
    name: str
    owner: str
    public: bool
    file_size_limit: int | None
    allowed_mime_types: list[str] | None
    created_at: datetime
    updated_at: datetime

    def takes(self, mime_type: str) -> bool:
        """Whether files of this type may be uploaded; ``image/*`` takes every image."""
        kind = mime_type.partition(";")[0].strip().lower()
        general = f"{kind.partition('/')[0]}/*"
        return not self.allowed_mime_types or not {kind, general, "*/*"}.isdisjoint(self.allowed_mime_types)


def find(cursor: Cursor, id: str) -> Bucket:
    """The bucket; raises StorageError when the cursor's role sees none."""
    cursor.execute(f"select {COLUMNS} from storage.buckets where id = %s", (id,))
    row = cursor.fetchone()
    if row is None:
        raise errors.no_bucket()
    return Bucket(*row)


def listing(call: Call) -> Response:
    """GET /bucket"""
    with call.as_caller():
        call.cursor.execute(f"select {COLUMNS} from storage.buckets order by id")
        rows = call.cursor.fetchall()
    return JSONResponse([_object(Bucket(*row)) for row in rows])


def read(call: Call) -> Response:
    """GET /bucket/{bucket}"""
    with call.as_caller():
        return JSONResponse(_object(find(call.cursor, call.bucket)))


def create(call: Call) -> Response:
    """POST /bucket"""
    id = names.valid_bucket(call.body.text("id") or call.body.text("name"))
    name = names.valid_bucket(call.body.text("name", id))
    columns = {"public": False} | _settings(call)
    with call.as_caller():
        call.cursor.execute(
            f"""insert into storage.buckets (id, name, owner, owner_id, created_at, updated_at,
                {", ".join(columns)}) values (%s, %s, %s, %s, %s, %s{", %s" * len(columns)})""",
            (id, name, call.owner, call.owner, call.at, call.at, *columns.values()),
        )
    return JSONResponse({"name": id})


def change(call: Call) -> Response:
    """PUT /bucket/{bucket}: what is not named stays."""
    columns = _settings(call)
    with call.as_caller():
        find(call.cursor, call.bucket)
        call.cursor.execute(
            f"""update storage.buckets set updated_at = %s{"".join(f", {name} = %s" for name in columns)}
                where id = %s""",
            (call.at, *columns.values(), call.bucket),
        )
        if call.cursor.rowcount == 0:
            raise errors.no_bucket()
    return JSONResponse({"message": "Successfully updated"})


def empty(call: Call) -> Response:
    """POST /bucket/{bucket}/empty"""
    with call.as_caller():
        find(call.cursor, call.bucket)
        call.cursor.execute(
            "delete from storage.objects where bucket_id = %s returning version", (call.bucket,)
        )
        versions = [UUID(version) for (version,) in call.cursor.fetchall()]
    if _holds_objects(call):
        raise StorageError(409, "InvalidRequest", "You may not delete some of the objects")
    call.after_commit += [partial(call.files.remove, version) for version in versions]
    return JSONResponse({"message": "Successfully emptied"})


def delete(call: Call) -> Response:
    """DELETE /bucket/{bucket}: an empty one."""
    with call.as_caller():
        find(call.cursor, call.bucket)
    if _holds_objects(call):
        raise _not_empty()
    try:
        with call.as_caller():
            call.cursor.execute("delete from storage.buckets where id = %s", (call.bucket,))
            if call.cursor.rowcount == 0:
                raise errors.not_allowed("You may not delete this bucket")
    except postgres.ForeignKeyViolation:  # an upload was quicker
        raise _not_empty() from None
    return JSONResponse({"message": "Successfully deleted"})


def _holds_objects(call: Call) -> bool:
    call.cursor.execute("select 1 from storage.objects where bucket_id = %s limit 1", (call.bucket,))
    return call.cursor.fetchone() is not None


def _not_empty() -> StorageError:
    return StorageError(409, "ResourceNotEmpty", "The bucket you tried to delete is not empty")


def _settings(call: Call) -> dict[str, Any]:
    """The columns that the body names; null removes a limit."""
    given = call.body.values
    columns: dict[str, Any] = {}
    if "public" in call.body:
        columns["public"] = call.body.flag("public")
    if "file_size_limit" in given:
        columns["file_size_limit"] = _size(given["file_size_limit"])
    if "allowed_mime_types" in given:
        columns["allowed_mime_types"] = call.body.texts("allowed_mime_types") or None
    return columns


def _size(given: Any) -> int | None:
    """Bytes, from a number or a text such as "5MB"; None for no limit."""
    if given is None or given == 0:
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
