"""The base of the QuerySets with row locks, and a condition of several."""

from collections.abc import Iterable
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import F, Func, Q, Value

from accounts.errors import LinguaFlexError, NotFound

Row = TypeVar("Row", bound=models.Model, covariant=True)


class LockableQuerySet(models.QuerySet[Row]):
    def for_update(self) -> Self:
        """Locks the rows, and not related ones, until the transaction ends, in the order of their ids.

        Two transactions that lock several of the same rows do not deadlock then.
        """
        return self.select_for_update(of=("self",)).order_by("pk")

    def lock_in_order(self) -> None:
        """Locks the rows as ``for_update``, and reads their ids only."""
        list(self.only("pk").for_update())

    def part(self, size: int) -> Self:
        """Any ``size`` of the rows, or all if there are fewer, selected by their ids, which are integers."""
        ids = list(self.order_by().values_list("pk", flat=True)[:size])
        return type(self)(self.model, using=self.db).filter(has_id_of(ids))

    def delete_alone(self) -> int:
        """Deletes the rows in one statement. Returns their number.

        Unlike ``delete``, it loads nothing, and leaves rows that refer to these: the caller has deleted them.
        """
        return self._raw_delete(self.db)

    def locked(
        self,
        *,
        error: LinguaFlexError | type[LinguaFlexError] = NotFound,
        no_key: bool = False,
        **lookup: Any,
    ) -> Row:
        """The one row that matches ``lookup``, locked until the transaction ends.

        Related rows of ``select_related`` are not locked. ``no_key`` takes the weaker
        ``FOR NO KEY UPDATE``, which lets other transactions insert rows that refer to this one.
        Raises ``error`` if there is no such row.
        """
        row = self.filter(**lookup).select_for_update(of=("self",), no_key=no_key).first()
        if row is None:
            raise error
        return row


def has_id_of(ids: Iterable[int]) -> Func:
    """The condition that the primary key is one of ``ids``, which are one parameter, whatever their number.

    Django and PostgreSQL would treat each element of an IN or of ARRAY[...] as an expression.
    """
    return Func(
        F("pk"),
        Value(f"{{{','.join(map(str, ids))}}}"),
        template="%(expressions)s::bigint[])",
        arg_joiner=" = any(",
        output_field=models.BooleanField(),
    )


def one_of(column: str, values: Iterable[object]) -> Q:
    """The condition that ``column`` has one of ``values``.

    A single value is compared by ``=``, whose SQL a compiled list compiles once.
    """
    distinct = list(dict.fromkeys(values))
    return Q(**{column: distinct[0]}) if len(distinct) == 1 else Q(**{f"{column}__in": distinct})
