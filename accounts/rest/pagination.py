"""Keyset pagination of plain JSON arrays. The next page is in the ``Link`` header (RFC 8288).

The cursor contains the sort values of the last row of a page. Rows inserted between two requests
cause no repeated or skipped row, and every page costs the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.core import signing
from django.core.exceptions import ValidationError as ValidationFailed
from django.db.models import Q
from django.utils.encoding import escape_uri_path, iri_to_uri
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import search
from accounts.rest import total_counts

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
LIMIT = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}


class KeysetPagination(BasePagination):
    """Pages of a QuerySet. Its order must consist of columns without nulls, the last one unique."""

    default_limit = DEFAULT_LIMIT  # rows, if the request has neither limit nor cursor

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of the page. One more row is read, to detect a next page.

        Raises ValidationError, and SearchTooBroad for a searched QuerySet.
        """
        limit = self._limit(request)
        order, whole = search.order_of(queryset), queryset
        if cursor := request.query_params.get("cursor"):
            queryset = following(queryset, order, cursor)
        is_search = getattr(queryset, "unsearched", None) is not None
        rows = search.first_rows(queryset, limit + 1) if is_search else list(queryset[: limit + 1])
        self.next_link = None
        if len(rows) > limit:
            values = search.sort_values_of(queryset, rows[limit - 1])
            self.next_link = link_of(request, cursor=encode(order, values), limit=limit)
        self.headers = total_counts.headers_of(request, whole)
        return rows[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        """The array, with the URL of the next page in the ``Link`` header."""
        if self.next_link:
            self.headers["Link"] = f'<{self.next_link}>; rel="next"'
        return Response(data, headers=self.headers)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The OpenAPI schema of the response: the array, without an envelope."""
        return schema

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The OpenAPI parameters ``limit``, ``cursor`` and ``Prefer``."""
        return [
            {
                "name": "limit",
                "in": "query",
                "schema": LIMIT,
                "description": "Rows per page.",
            },
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string"},
                "description": 'The cursor in the header Link; rel="next".',
            },
            total_counts.PREFER,
        ]

    def _limit(self, request: Request) -> int:
        default = DEFAULT_LIMIT if "cursor" in request.query_params else self.default_limit
        return limit_of(request, default)


class WholeListPagination(KeysetPagination):
    """Pages of up to 500 rows without limit and cursor, because existing clients read one page only."""

    default_limit = 500


@dataclass(frozen=True)
class SeqPage:
    """A page of messages selected by ``seq``."""

    after: int | None
    before: int | None
    limit: int

    @classmethod
    def of(cls, request: Request) -> Self:
        """The page that the query parameters select. Raises ValidationError."""
        after, before = (whole_number(request, name) for name in ("after_seq", "before_seq"))
        return cls(after, before, limit_of(request, DEFAULT_LIMIT))

    def selected(self, rows: Any) -> Any:
        """The messages after ``after`` and before ``before``, in the order in which the page takes them."""
        rows = rows if self.before is None else rows.before(self.before)
        return rows.order_by("-seq") if self.after is None else rows.after(self.after).order_by("seq")

    def of_rows(self, selected: Any) -> list[Any]:
        """The page in ascending order: with ``after``, the first messages, otherwise the last ones."""
        page = list(selected[: self.limit])
        return page[::-1] if self.after is None else page


def link_of(request: Request, *, cursor: str, limit: int) -> str:
    """The URL of the request with another cursor and limit. Commas are escaped: they separate links."""
    sent = request.META.get("QUERY_STRING", "").split("&")
    kept = [part for part in sent if part and part.partition("=")[0] not in ("cursor", "limit")]
    query = iri_to_uri("&".join(sorted([*kept, f"cursor={cursor}", f"limit={limit}"]))).replace(",", "%2C")
    return f"{request.build_absolute_uri(escape_uri_path(request.path))}?{query}"


def limit_of(request: Request, default: int) -> int:
    """The rows per page, at most MAX_LIMIT. Raises ValidationError."""
    limit = whole_number(request, "limit")
    if limit == 0:
        raise ValidationError({"limit": [f"Expected a whole number, 1 to {MAX_LIMIT}."]})
    return default if limit is None else min(limit, MAX_LIMIT)


def whole_number(request: Request, name: str) -> int | None:
    """A query parameter as a number of up to 18 digits; None if absent. Raises ValidationError."""
    text = request.query_params.get(name)
    if text is not None and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValidationError({name: ["Expected a whole number."]})
    return None if text is None else int(text)


def following(queryset: Any, order: Sequence[str], cursor: str) -> Any:
    """The rows of ``queryset`` that follow ``cursor``. Raises ValidationError for an invalid cursor."""
    values = decode(order, cursor)
    try:
        return queryset.filter(after(order, values))
    except (ValueError, TypeError, ValidationFailed):
        raise invalid_cursor() from None


def after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """The condition that a row follows ``values`` in ``order``: a row comparison, column by column."""
    condition, equal = Q(), Q()
    for column, value in zip(order, values, strict=True):
        name, operator = column.lstrip("-"), "lt" if column.startswith("-") else "gt"
        condition |= equal & Q(**{f"{name}__{operator}": value})
        equal &= Q(**{name: value})
    first, operator = order[0].lstrip("-"), "lte" if order[0].startswith("-") else "gte"
    # Redundant, but it lets PostgreSQL start the index scan at the cursor.
    return Q(**{f"{first}__{operator}": values[0]}) & condition


def encode(order: Sequence[str], values: Sequence[Any]) -> str:
    """A signed cursor with the sort values. The signature is bound to ``order``."""
    texts = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    return signing.dumps(texts, salt=f"cursor:{','.join(order)}")


def decode(order: Sequence[str], cursor: str) -> list[str]:
    """The sort values of a cursor. Raises ValidationError if its signature is invalid."""
    try:
        values: list[str] = signing.loads(cursor, salt=f"cursor:{','.join(order)}")
    except signing.BadSignature:
        raise invalid_cursor() from None
    return values


def invalid_cursor() -> ValidationError:
    return ValidationError(
        {"cursor": ["Expected a cursor from the Link header of an earlier page with the same ordering."]}
    )
