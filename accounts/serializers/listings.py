"""Lists of the API: where their rows come from, and how they become JSON."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from rest_framework.serializers import Serializer

from accounts.models.prepared import PreparedList
from accounts.serializers.rows import RowWriter

Write = Callable[[tuple[Any, ...]], dict[str, Any]]


class Listing:
    """A list whose rows have the fields of a serializer. ``queryset`` is called once."""

    def __init__(self, serializer: type[Serializer[Any]], queryset: Callable[[], QuerySet[Any]]) -> None:
        self._serializer = serializer
        self._queryset = queryset
        self._parts = lru_cache(maxsize=20)(self._made)

    def rows(self, fields: Iterable[str] | None = None) -> Any:
        """All rows, to be filtered, with these fields of the serializer. By default with all."""
        return self._parts(None if fields is None else frozenset(fields))[0].rows()

    def write(self, rows: Iterable[tuple[Any, ...]], fields: Iterable[str] | None = None) -> list[Any]:
        """The rows as JSON values. ``fields`` are those of ``rows``."""
        return list(map(self._parts(None if fields is None else frozenset(fields))[1], rows))

    def _made(self, fields: frozenset[str] | None) -> tuple[PreparedList, Write]:
        writer = RowWriter(self._serializer(), fields)
        return PreparedList(self._queryset, writer.columns), writer.write
