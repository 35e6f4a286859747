"""Lists of the API: where their rows come from, and how they become JSON."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from rest_framework.serializers import Serializer

from accounts.models.compiled_lists import CompiledList
from accounts.serializers.rows import RowWriter, Write


class Listing:
    """A list whose rows have the fields of a serializer. ``queryset`` is called once.

    The fields ``given`` have the same values in all rows of a response, and ``write`` gets them.
    """

    def __init__(
        self,
        serializer: type[Serializer[Any]],
        queryset: Callable[[], QuerySet[Any]],
        given: Sequence[str] = (),
    ) -> None:
        self._serializer = serializer
        self._queryset = queryset
        self._given = given
        self._parts = lru_cache(maxsize=20)(self._made)

    def rows(self, fields: Iterable[str] | None = None) -> Any:
        """All rows, to be filtered, with these fields of the serializer. By default with all."""
        return self._parts(None if fields is None else frozenset(fields))[0].rows()

    def write(
        self, rows: Iterable[tuple[Any, ...]], fields: Iterable[str] | None = None, given: Sequence[Any] = ()
    ) -> list[Any]:
        """The rows as JSON values, with ``fields`` as in ``rows``, and the values of the given fields."""
        if not given and not set(self._given).isdisjoint(self._given if fields is None else fields):
            raise TypeError(f"Expected the values of {', '.join(self._given)}.")
        write = self._parts(None if fields is None else frozenset(fields))[1]
        return [write((*row, *given)) for row in rows] if given else list(map(write, rows))

    def _made(self, fields: frozenset[str] | None) -> tuple[CompiledList, Write]:
        writer = RowWriter(self._serializer(), fields, given=self._given)
        return CompiledList(self._queryset, writer.columns), writer.write
