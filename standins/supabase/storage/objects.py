"""Objects: the rows of ``storage.objects``.

Whoever changes an object holds its name's lock first, so that two uploads take turns and each
knows which file became old.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from standins.supabase.pool import Cursor

# Casts make the values the same whichever JSON reader the cursor has.
COLUMNS = """id::text, bucket_id, name, coalesce(owner::text, ''), version,
    coalesce(metadata, '{}')::text, coalesce(user_metadata, '{}')::text,
    created_at, updated_at, last_accessed_at"""


@dataclass(frozen=True)
class Object:
    """One row; ``version`` names its file."""

    id: UUID
    bucket_id: str
    name: str
    owner: str
    version: UUID
    metadata: dict[str, Any]
    user_metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    last_accessed_at: datetime


def lock(cursor: Cursor, *keys: str) -> None:
    """Makes others who would change ``<bucket>/<name>`` wait until the commit."""
    for key in sorted(set(keys)):
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (key,))


def find(cursor: Cursor, bucket: str, name: str) -> Object | None:
    """The object, if the cursor's role sees it."""
    found = find_all(cursor, bucket, [name])
    return found[0] if found else None


def find_all(cursor: Cursor, bucket: str, names: list[str]) -> list[Object]:
    """Those of the named objects that the cursor's role sees."""
    cursor.execute(
        f"select {COLUMNS} from storage.objects where bucket_id = %s and name = any(%s)",
        (bucket, names),
    )
    return [_object(row) for row in cursor.fetchall()]


def insert(cursor: Cursor, new: Object, *, upsert: bool = False) -> None:
    """Stores the row; ``upsert`` lets it take the place of one with its name.

    An existing name is otherwise answered by psycopg2's UniqueViolation.
    """
    replacing = """on conflict (bucket_id, name collate "C") do update set owner = excluded.owner,
        owner_id = excluded.owner_id, version = excluded.version, metadata = excluded.metadata,
        user_metadata = excluded.user_metadata, updated_at = excluded.updated_at"""
    cursor.execute(
        f"""insert into storage.objects (id, bucket_id, name, owner, owner_id, version, metadata,
              user_metadata, created_at, updated_at, last_accessed_at)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) {replacing if upsert else ""}""",
        (
            str(new.id),
            new.bucket_id,
            new.name,
            new.owner or None,
            new.owner or None,
            str(new.version),
            json.dumps(new.metadata),
            json.dumps(new.user_metadata),
            new.created_at,
            new.updated_at,
            new.last_accessed_at,
        ),
    )


def replace(cursor: Cursor, new: Object) -> bool:
    """Gives the object of this name another content; False if the cursor's role may not."""
    cursor.execute(
        """update storage.objects set owner = %s, owner_id = %s, version = %s, metadata = %s,
             user_metadata = %s, updated_at = %s where bucket_id = %s and name = %s""",
        (
            new.owner or None,
            new.owner or None,
            str(new.version),
            json.dumps(new.metadata),
            json.dumps(new.user_metadata),
            new.updated_at,
            new.bucket_id,
            new.name,
        ),
    )
    return cursor.rowcount > 0


def rename(cursor: Cursor, row: Object, bucket: str, name: str, *, at: datetime) -> bool:
    """Gives the object another name; False if the cursor's role may not."""
    cursor.execute(
        "update storage.objects set bucket_id = %s, name = %s, updated_at = %s where id = %s",
        (bucket, name, at, str(row.id)),
    )
    return cursor.rowcount > 0


def delete(cursor: Cursor, bucket: str, names: list[str]) -> list[Object]:
    """Removes those of the named objects that the cursor's role may remove."""
    cursor.execute(
        f"delete from storage.objects where bucket_id = %s and name = any(%s) returning {COLUMNS}",
        (bucket, names),
    )
    return [_object(row) for row in cursor.fetchall()]


def _object(row: tuple[Any, ...]) -> Object:
    id, bucket, name, owner, version, metadata, user_metadata, *instants = row
    return Object(
        UUID(id),
        bucket,
        name,
        owner,
        UUID(version),
        json.loads(metadata),
        json.loads(user_metadata),
        *instants,
    )
