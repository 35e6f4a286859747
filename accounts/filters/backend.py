"""The filter backend of lists."""

from typing import Any

from django_filters.rest_framework import DjangoFilterBackend


class NamedFilterBackend(DjangoFilterBackend):
    """Filters by the query parameters that the request names.

    A list without one is not passed to its FilterSet, whose form takes longer than the query. A FilterSet
    with ``filters_always`` runs anyway.
    """

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        """The filtered rows. Raises ValidationError for an invalid value."""
        filters = self.get_filterset_class(view, queryset)
        if filters and not filters.filters_always and not filters.base_filters.keys() & request.GET.keys():
            return queryset
        return super().filter_queryset(request, queryset, view)
