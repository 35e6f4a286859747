"""What a folder holds: first its folders, then its files, as storage.search() on Supabase has it."""

import json
from typing import Any

from starlette.responses import JSONResponse, Response

from standins.supabase.auth.objects import rfc3339
from standins.supabase.storage import errors
from standins.supabase.storage.calls import Call

LIMIT, MOST = 100, 10_000
SORT_COLUMNS = ("name", "updated_at", "created_at", "last_accessed_at")
SORT_ORDERS = ("asc", "desc")
INSTANTS = ("updated_at", "created_at", "last_accessed_at")
# A folder is whatever stands before a slash; only its name is known.
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
  order by folder desc, {column} {order}, entry {order}
  limit %(limit)s offset %(offset)s
"""


def folder(call: Call) -> Response:
    """POST /object/list/{bucket}: prefix, search (how names begin), sortBy, limit, offset."""
    prefix = call.body.text("prefix").strip("/")
    beginning = f"{prefix}/" if prefix else ""
    sort = call.body.mapping("sortBy")
    column, order = sort.get("column") or "name", sort.get("order") or "asc"
    if column not in SORT_COLUMNS or order not in SORT_ORDERS:
        raise errors.invalid("sortBy takes the columns name, updated_at, created_at, last_accessed_at")
    sql = ENTRIES.format(column="entry" if column == "name" else column, order=order)
    parameters = {
        "level": beginning.count("/") + 1,
        "bucket": call.bucket,
        "beginning": beginning + call.body.text("search"),
        "limit": min(call.body.number("limit", LIMIT), MOST),
        "offset": call.body.number("offset", 0),
    }
    with call.as_caller():
        call.cursor.execute(sql, parameters)
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
