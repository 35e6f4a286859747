"""The total of a list: ``X-Total-Count``, for requests with ``Prefer: count=exact`` (RFC 7240)."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from accounts.models import search

MAX_COUNT = 10_000  # rows; a list of more is not counted to its end
PREFER: dict[str, Any] = {
    "name": "Prefer",
    "in": "header",
    "description": "`count=exact`: the answer has `X-Total-Count`. Other preferences are ignored.",
    "schema": {"type": "string"},
}
TOTAL_HEADERS: dict[str, dict[str, Any]] = {
    "X-Total-Count": {
        "description": "The number of rows that the filters select, on all pages; `10000+` if there are more."
        " Only sent for `Prefer: count=exact`, and if the rows were counted within 2 s.",
        "schema": {"type": "string", "pattern": r"^(\d+|10000\+)$"},
    },
    "Preference-Applied": {
        "description": "Sent with `X-Total-Count`.",
        "schema": {"type": "string", "enum": ["count=exact"]},
    },
}
# The same, for lists without a paginator.
PARAMETERS = [
    OpenApiParameter("Prefer", PREFER["schema"], OpenApiParameter.HEADER, description=PREFER["description"]),
    *(
        OpenApiParameter(
            name, each["schema"], OpenApiParameter.HEADER, description=each["description"], response=[200]
        )
        for name, each in TOTAL_HEADERS.items()
    ),
]


def headers_of(request: Request, rows: Any) -> dict[str, str]:
    """The headers with the number of ``rows``, if the request prefers it. One statement.

    Empty without the preference, or if PostgreSQL cannot count the rows in time.
    """
    preferred = request.META.get("HTTP_PREFER")
    if not preferred or not prefers_count(preferred):
        return {}
    count = search.count_up_to(rows, MAX_COUNT)
    if count is None:
        return {}
    total = str(count) if count <= MAX_COUNT else f"{MAX_COUNT}+"
    return {"X-Total-Count": total, "Preference-Applied": "count=exact", "Vary": "Prefer"}


def prefers_count(preferred: str) -> bool:
    """Whether a header ``Prefer`` contains ``count=exact``, beside other preferences and parameters."""
    preferences = (part.partition(";")[0] for part in preferred.lower().split(","))
    return any("".join(each.split()).replace('"', "") == "count=exact" for each in preferences)
