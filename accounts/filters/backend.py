"""The filter backend of lists."""

from functools import lru_cache
from typing import Any

from django_filters.rest_framework import DjangoFilterBackend
from django_filters.utils import translate_validation

from accounts.filters.fields import MAX_SHARED_LENGTH, narrowed
from accounts.models.compiled_lists import CompiledRows

Parameters = tuple[tuple[str, str], ...]


class NamedFilterBackend(DjangoFilterBackend):
    """Filters by the query parameters that the request names, with the filters of these names only.

    A list without one is not passed to its FilterSet, whose form takes longer than the query.
    """

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        """The filtered rows. Raises ValidationError.

        Requests with the same parameters share the rows of a list that has the same rows for every caller.
        """
        filters = self.get_filterset_class(view, queryset)
        is_whole = isinstance(queryset, CompiledRows) and queryset.is_whole
        if filters is None or not (is_whole and filters.shares_rows):
            return super().filter_queryset(request, queryset, view)
        named = request.query_params
        parameters = tuple((name, named[name]) for name in filters.base_filters if name in named)
        if sum(len(value) for _, value in parameters) > MAX_SHARED_LENGTH:
            return super().filter_queryset(request, queryset, view)
        return shared_rows(filters, queryset, parameters)

    def get_filterset(self, request: Any, queryset: Any, view: Any) -> Any:
        """The FilterSet for the request, or None."""
        filters = self.get_filterset_class(view, queryset)
        if filters is None:
            return None
        named = frozenset(filters.base_filters.keys() & request.query_params.keys())
        if not named:
            return None
        return narrowed(filters, named)(**self.get_filterset_kwargs(request, queryset, view))


@lru_cache(maxsize=1_000)
def shared_rows(filters: Any, rows: CompiledRows, parameters: Parameters) -> CompiledRows:
    """The rows that the parameters select. Raises ValidationError."""
    if not parameters:
        return rows
    found: Any = narrowed(filters, frozenset(name for name, _ in parameters))(dict(parameters), rows)
    if not found.is_valid():
        raise translate_validation(found.errors)
    selected: CompiledRows = found.qs
    return selected
