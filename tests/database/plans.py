"""The plans of queries, as PostgreSQL ran them."""

import json
from typing import Any


def nodes_of(rows: Any) -> list[dict[str, Any]]:
    """Every node of the plan of a QuerySet."""
    [document] = [json.loads(rows.explain(format="json", analyze=True, buffers=True))]
    return _below(document[0]["Plan"])


def _below(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in _below(child))]
