"""Lists of a folder's entries: folders first, then files, each ordered by name (storage.search())."""

import json
from typing import Any

from starlette.responses import JSONResponse, Response

from standins.supabase.auth.objects import rfc3339
from standins.supabase.storage import errors
from standins.supabase.storage.calls import Call

DEFAULT_LIMIT, MAX_LIMIT = 100, 10_000
INSTANTS = ("updated_at", "created_at", "last_accessed_at")
# A folder is the part of a name before a slash. Its entry has a name and no other value.
ENTRIES = """
  with inside as (
    select *, path_tokens[%(level)s] as entry, cardinality(path_tokens) > %(level)s as deeper
    from storage.objects
    where bucket_id = %(bucket)s and starts_with(lower(name), lower(%(beginning)s))
  )
  select entry, id::text, metadata::text, updated_at, created_at, last_accessed_at from (
    select distinct entry, null::uuid as id, null::jsonb as metadata, null::timestamptz as updated_at,
      null::timestamptz as created_at, null::timestamptz as last_accessed_at, true as folder
    from inside where deeper
    union all
    select entry, id, metadata, updated_at, created_at, last_accessed_at, false
    from inside where not deeper
  ) entries
  order by folder desc, entry
  limit %(limit)s offset %(offset)s
"""


def folder(call: Call) -> Response:
    """POST /object/list/{bucket}: lists the folder ``prefix``, with limit and offset, ordered by name."""
    prefix = call.body.text("prefix").strip("/")
    beginning = f"{prefix}/" if prefix else ""
    sort = call.body.mapping("sortBy")
    if call.body.text("search") or sort not in ({}, {"column": "name", "order": "asc"}):
        raise errors.invalid("The stand-in lists without search, in the ascending order of names")
    parameters = {
        "level": beginning.count("/") + 1,
        "bucket": call.bucket,
        "beginning": beginning,
        "limit": min(call.body.number("limit", DEFAULT_LIMIT), MAX_LIMIT),
        "offset": call.body.number("offset", 0),
    }
    with call.as_caller():
        call.cursor.execute(ENTRIES, parameters)
        rows = call.cursor.fetchall()
    return JSONResponse([_entry(*row) for row in rows])


def _entry(name: str, id: str | None, metadata: str | None, *instants: Any) -> dict[str, Any]:
    times = (rfc3339(instant) if instant else None for instant in instants)
    return {
        "name": name,
        "id": id,
        "metadata": json.loads(metadata) if metadata else None,
        **dict(zip(INSTANTS, times, strict=True)),
    }
