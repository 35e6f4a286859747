"""The plans of queries, as PostgreSQL ran them, and indexes for many rows."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Those that no constraint stands on.
INDEXES = """
select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index
where indrelid = %s::regclass and not exists (select from pg_constraint where conindid = indexrelid)"""


def nodes_of(rows: Any) -> list[dict[str, Any]]:
    """Every node of the plan of a QuerySet."""
    [document] = [json.loads(rows.explain(format="json", analyze=True, buffers=True))]
    return _below(document[0]["Plan"])


def _below(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in _below(child))]


@contextmanager
def many_rows(cursor: Any, table: str) -> Iterator[None]:
    """For rows that fit: asks no foreign key, and makes the indexes anew after them: faster."""
    cursor.execute(INDEXES, [table])
    names, definitions = zip(*cursor.fetchall(), strict=True)
    cursor.execute(f"drop index {', '.join(names)}; set local session_replication_role = replica")
    yield
    cursor.execute("; ".join([*definitions, "set local session_replication_role = origin"]))
