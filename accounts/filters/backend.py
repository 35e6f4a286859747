"""The filter backend of lists."""

from typing import Any

from django_filters.rest_framework import DjangoFilterBackend

from accounts.filters.fields import narrowed


class NamedFilterBackend(DjangoFilterBackend):
    """Filters by the query parameters that the request names, with the filters of these names only.

    A list without one is not passed to its FilterSet, whose form takes longer than the query.
    """

    def get_filterset(self, request: Any, queryset: Any, view: Any) -> Any:
        """The FilterSet for the request, or None."""
        filters = self.get_filterset_class(view, queryset)
        if filters is None:
            return None
        named = frozenset(filters.base_filters.keys() & request.query_params.keys())
        if not named:
            return None
        return narrowed(filters, named)(**self.get_filterset_kwargs(request, queryset, view))
