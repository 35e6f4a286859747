"""Lists as plain arrays, page by page behind an opaque cursor (RFC 8288 Link header).

Keyset pagination: the cursor holds the sort values of the last row, so that nothing is skipped
and nothing comes twice however many rows arrive in between, and a late page costs what the first
one does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.core import signing
from django.core.exceptions import ValidationError as ValidationFailed
from django.db.models import Q
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200


class KeysetPagination(BasePagination):
    """Pages of a QuerySet that is ordered by columns without nulls, the last of them unique."""

    unasked_limit = DEFAULT_LIMIT  # rows when the caller names neither limit nor cursor

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The page's rows; one row more is read, to know whether a next page exists."""
        limit = self._limit(request)
        order = [str(column) for column in queryset.query.order_by]
        if cursor := request.query_params.get("cursor"):
            queryset = following(queryset, order, cursor)
        rows = list(queryset[: limit + 1])
        self.next_link = None
        if len(rows) > limit:
            values = [getattr(rows[limit - 1], column.lstrip("-")) for column in order]
            url = replace_query_param(request.build_absolute_uri(), "cursor", encode(order, values))
            self.next_link = replace_query_param(url, "limit", str(limit))
        return rows[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        """The array, with the next page in ``Link``."""
        headers = {"Link": f'<{self.next_link}>; rel="next"'} if self.next_link else None
        return Response(data, headers=headers)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """OpenAPI: the array itself."""
        return schema

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """OpenAPI: ``limit`` and ``cursor``."""
        limit = {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT}
        return [
            {
                "name": "limit",
                "in": "query",
                "schema": limit,
                "description": "Rows on a page.",
            },
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string"},
                "description": 'Taken from the header Link; rel="next".',
            },
        ]

    def _limit(self, request: Request) -> int:
        unasked = DEFAULT_LIMIT if "cursor" in request.query_params else self.unasked_limit
        return limit_of(request, unasked)


class WholeListPagination(KeysetPagination):
    """For lists whose first clients read them whole: far more rows when no page is asked for."""

    unasked_limit = 500


@dataclass(frozen=True)
class SeqPage:
    """A page of messages by ``seq``, which has no gaps: the caller counts for itself."""

    after: int | None
    before: int | None
    limit: int

    @classmethod
    def of(cls, request: Request) -> Self:
        """What the query asks for; raises ValidationError for anything but whole numbers."""
        after, before = (whole_number(request, name) for name in ("after_seq", "before_seq"))
        return cls(after, before, limit_of(request, DEFAULT_LIMIT))

    def of_rows(self, rows: Any) -> list[Any]:
        """The page, ascending: the first after ``after``, else the last before ``before`` or the end."""
        rows = rows if self.before is None else rows.before(self.before)
        if self.after is not None:
            return list(rows.after(self.after).order_by("seq")[: self.limit])
        return list(rows.order_by("-seq")[: self.limit])[::-1]


def limit_of(request: Request, unasked: int) -> int:
    """Rows on a page; raises ValidationError for anything but a whole number from 1."""
    limit = whole_number(request, "limit")
    if limit == 0:
        raise ValidationError({"limit": [f"Expected a whole number, 1 to {LARGEST_LIMIT}."]})
    return unasked if limit is None else min(limit, LARGEST_LIMIT)


def whole_number(request: Request, name: str) -> int | None:
    """A query parameter as a number; None without it. Raises ValidationError for other words."""
    text = request.query_params.get(name)
    if text is not None and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValidationError({name: ["Expected a whole number."]})
    return None if text is None else int(text)


def following(queryset: Any, order: Sequence[str], cursor: str) -> Any:
    """The rows of ``queryset`` that follow ``cursor``; raises ValidationError for no cursor of ours."""
    values = decode(order, cursor)
    try:
        return queryset.filter(after(order, values))
    except (ValueError, TypeError, ValidationFailed):
        raise wrong_cursor() from None


def after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """The rows that follow ``values`` in ``order``: a row comparison, column by column."""
    condition, equal = Q(), Q()
    for column, value in zip(order, values, strict=True):
        name, operator = column.lstrip("-"), "lt" if column.startswith("-") else "gt"
        condition |= equal & Q(**{f"{name}__{operator}": value})
        equal &= Q(**{name: value})
    first, operator = order[0].lstrip("-"), "lte" if order[0].startswith("-") else "gte"
    # Implied by the rest, and what lets the index begin at the cursor.
    return Q(**{f"{first}__{operator}": values[0]}) & condition


def encode(order: Sequence[str], values: Sequence[Any]) -> str:
    """Sort values as a word that only we can make, bound to their order."""
    texts = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    return signing.dumps(texts, salt=f"cursor:{','.join(order)}")


def decode(order: Sequence[str], cursor: str) -> list[str]:
    """The sort values in a cursor of ours; raises ValidationError for any other word."""
    try:
        values: list[str] = signing.loads(cursor, salt=f"cursor:{','.join(order)}")
    except signing.BadSignature:
        raise wrong_cursor() from None
    return values


def wrong_cursor() -> ValidationError:
    """The refusal of a word that is no cursor of ours."""
    return ValidationError({"cursor": ["Expected a cursor from the Link header of an earlier page."]})
