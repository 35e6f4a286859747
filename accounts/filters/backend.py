"""The filter backend of lists."""

from typing import Any

from django_filters.rest_framework import DjangoFilterBackend

from accounts.filters.fields import narrowed


class NamedFilterBackend(DjangoFilterBackend):
    """Filters by the query parameters that the request names, with the filters of these names only.

    A list without one is not passed to its FilterSet, whose form takes longer than the query. A FilterSet
    with ``filters_always`` runs anyway, with all its filters.
    """

    def get_filterset(self, request: Any, queryset: Any, view: Any) -> Any:
        """The FilterSet for the request, or None."""
        filters = self.get_filterset_class(view, queryset)
        if filters is None:
            return None
        if not filters.filters_always:
            named = frozenset(filters.base_filters.keys() & request.query_params.keys())
            filters = narrowed(filters, named) if named else None
        return filters and filters(**self.get_filterset_kwargs(request, queryset, view))
