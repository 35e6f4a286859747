"""Keyset pagination of plain JSON arrays. The next page is in the ``Link`` header (RFC 8288).

The cursor contains the sort values of the last row of a page. Rows inserted between two requests
cause no repeated or skipped row, and every page costs the same.
"""

import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, chain, groupby
from typing import Any, Self

from django.core import signing
from django.core.exceptions import ValidationError as ValidationFailed
from django.db.models import Q
from django.http.response import HttpResponseBase
from django.utils.encoding import escape_uri_path, iri_to_uri
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import search
from accounts.models.bounded import MAX_BYTES, CutRows
from accounts.models.compiled_lists import CompiledRows
from accounts.rest import total_counts
from accounts.rest.pages import PageResponse, streamed

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_LIST_BYTES = 20_000_000  # of a list that is read whole
OTHER_BYTES = 6_000  # of a conversation without its JSON columns, at most
Write = Callable[[list[Any]], list[Any]]
LIMIT = {"type": "integer", "minimum": 1}


class KeysetPagination(BasePagination):
    """Pages of a QuerySet. Its order must consist of columns without nulls, the last one unique."""

    default_limit = DEFAULT_LIMIT  # rows, if the request has neither limit nor cursor

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of the page. One more row is read, to detect a next page.

        The bytes of JSON end the rows of a CompiledList too. Raises ValidationError, and SearchTooBroad for a
        searched QuerySet.
        """
        self.request, self.limit, whole = request, self._limit(request), queryset
        if cursor := request.query_params.get("cursor"):
            queryset = following(queryset, search.order_of(queryset), cursor)
        self.queryset = queryset
        rows = first_rows(queryset, self.limit + 1)
        self.is_cut = isinstance(rows, CutRows)
        self.rows: list[Any] = rows[: self.limit]
        self.headers: dict[str, str] = {}
        if self.is_cut or len(rows) > self.limit:
            self.headers |= self.link_after(len(self.rows))
        self.headers |= total_counts.headers_of(request, whole)
        return self.rows

    def link_after(self, count: int) -> dict[str, str]:
        """The header ``Link`` with the URL of the page that follows the first ``count`` rows."""
        return self.link_to(search.sort_values_of(self.queryset, self.rows[count - 1]))

    def link_to(self, values: Sequence[Any]) -> dict[str, str]:
        """The header ``Link`` with the URL of the page that follows a row with these sort values."""
        cursor = encode(search.order_of(self.queryset), values)
        url = link_of(self.request, cursor=cursor, limit=self.limit)
        return {"Link": f'<{url}>; rel="next"'}

    def page(self, write: Write) -> Response:
        """The page. ``write`` converts its rows to JSON values."""
        return PageResponse(write(self.rows), shorten=self.link_after, headers=self.headers)

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
                "description": f"Rows per page; above {MAX_LIMIT}, it means {MAX_LIMIT}. A page ends before"
                " it exceeds 4 MB too, with at least one row.",
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
    """Lists of up to 500 rows and 20 MB without limit and cursor: existing clients read one page only.

    A list with more than MAX_BYTES of JSON is streamed.
    """

    default_limit = 500

    def page_or_list(self, write: Write) -> HttpResponseBase:
        """The page, or the whole list. ``write`` converts rows to JSON values."""
        parameters = self.request.query_params
        if "limit" in parameters or "cursor" in parameters:
            return self.page(write)
        if not self.is_cut:
            return Response(write(self.rows), headers=self.headers)
        parts = self._later_parts()
        return streamed(self.request, chain([self.rows], parts), write, self.headers)

    def _later_parts(self) -> Iterator[list[Any]]:
        """The rows that follow ``rows``, in parts of about MAX_BYTES, each read by a statement of its own.

        One more statement finds their end, and ``headers`` get the link to what follows it.
        """
        rows: CompiledRows = self.queryset
        self.headers.pop("Link", None)
        left = MAX_LIST_BYTES - sum(map(self._bytes_of, self.rows))
        others = rows.filter(after(rows.order, rows.sort_values_of(self.rows[-1])))
        count = self.limit - len(self.rows)
        measured = first_rows(others.up_to(left, measured=True), count + 1)
        sizes = list(accumulate(map(self._bytes_of, measured)))
        kept = measured[: min(count, bisect_right(sizes, left))]
        if isinstance(measured, CutRows) or len(measured) > len(kept):
            self.headers |= self.link_to(rows.sort_values_of((kept or self.rows)[-1]))
        # Also without the conditions of a search, which the ids have passed.
        same = (rows.unsearched or rows).order_by(*rows.order).up_to(sys.maxsize)
        parts = groupby(zip(kept, sizes, strict=False), lambda each: each[1] // MAX_BYTES)
        ids = [[rows.sort_values_of(row)[-1] for row, _ in part] for _, part in parts]
        return (same.filter(pk__in=part)[: len(part)] for part in ids)

    def _bytes_of(self, row: tuple[Any, ...]) -> int:
        """The bytes of a row as JSON, or a little more."""
        size: int = self.queryset.json_bytes_of(row)
        return size + OTHER_BYTES


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
        """The page in ascending order: with ``after``, the first messages, otherwise the last ones.

        It has fewer than ``limit`` if their corrections have more than MAX_BYTES.
        """
        page = list(selected[: self.limit])
        return page[::-1] if self.after is None else page

    def answer(self, data: list[Any], headers: dict[str, str]) -> Response:
        """The written page, cut at the end that is farther from ``after`` or ``before``."""
        return PageResponse(data, last=self.after is None, headers=headers)


def parts_of(rows: Any, count: int) -> Iterator[list[Any]]:
    """All rows of an ordered QuerySet or of CompiledRows, ``count`` at a time, or fewer by their bytes."""
    order, following = search.order_of(rows), rows
    while True:
        part = first_rows(following, count)
        yield part
        if len(part) < count and not isinstance(part, CutRows):
            return
        following = rows.filter(after(order, search.sort_values_of(rows, part[-1])))


def first_rows(rows: Any, count: int) -> list[Any]:
    """The first ``count`` rows of a QuerySet or of CompiledRows. Raises SearchTooBroad."""
    if getattr(rows, "unsearched", None) is not None:
        return search.first_rows(rows, count)
    return search.listed(rows[:count])


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
