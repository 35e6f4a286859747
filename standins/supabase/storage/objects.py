"""Objects: the rows of ``storage.objects``."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from standins.supabase.pool import Cursor

# The casts make the values independent of the JSON and UUID types registered with psycopg2.
COLUMNS = """id::text, bucket_id, name, coalesce(owner::text, ''), version,
    coalesce(metadata, '{}')::text, created_at, updated_at, last_accessed_at"""


@dataclass(frozen=True)
class Object:
    """One row. ``version`` is the name of its file."""

    id: UUID
    bucket_id: str
    name: str
    owner: str
    version: UUID
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    last_accessed_at: datetime


def find(cursor: Cursor, bucket: str, name: str) -> Object | None:
    """The object; None if it does not exist or the cursor's role may not read it."""
    cursor.execute(
        f"select {COLUMNS} from storage.objects where bucket_id = %s and name = %s", (bucket, name)
    )
    row = cursor.fetchone()
    return _object(row) if row else None


def insert(cursor: Cursor, new: Object) -> None:
    """Inserts the row. Raises psycopg2.errors.UniqueViolation if the bucket has an object of this name."""
    cursor.execute(
        """insert into storage.objects (id, bucket_id, name, owner, owner_id, version, metadata,
             created_at, updated_at, last_accessed_at)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            str(new.id),
            new.bucket_id,
            new.name,
            new.owner or None,
            new.owner or None,
            str(new.version),
            json.dumps(new.metadata),
            new.created_at,
            new.updated_at,
            new.last_accessed_at,
        ),
    )


def delete(cursor: Cursor, bucket: str, names: list[str]) -> list[Object]:
    """Deletes and returns the named objects that the cursor's role may delete."""
    cursor.execute(
        f"delete from storage.objects where bucket_id = %s and name = any(%s) returning {COLUMNS}",
        (bucket, names),
    )
    return [_object(row) for row in cursor.fetchall()]


def _object(row: tuple[Any, ...]) -> Object:
    id, bucket, name, owner, version, metadata, *instants = row
    return Object(UUID(id), bucket, name, owner, UUID(version), json.loads(metadata), *instants)
