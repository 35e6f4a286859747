"""QuerySets whose SQL is compiled once and run with other values.

Django compiles a QuerySet to SQL each time it runs. For the query that authenticates each request, that
takes longer than the database does.
"""

from copy import copy
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.transaction import TransactionManagementError

M = TypeVar("M", bound=Model)


class CompiledQuery(Generic[M]):
    """A QuerySet that is compiled once and run with other values of its parameters.

    ``examples`` are the values in ``queryset`` that ``run`` replaces. Each must reach the SQL unchanged, as
    a parameter, and must differ from all other parameters. Raises ValueError if one is not in the SQL.
    """

    def __init__(self, queryset: QuerySet[M], **examples: Any) -> None:
        self._queryset = queryset
        self._compiler = queryset.query.get_compiler(queryset.db)
        self._sql, parameters = self._compiler.as_sql()
        self._parameters = [(_name_of(value, examples), value) for value in parameters]
        missing = set(examples) - {name for name, _ in self._parameters}
        if missing:
            raise ValueError(f"The query has no parameter with the example of {sorted(missing)}.")

    def run(self, **values: Any) -> list[M]:
        """The rows of the QuerySet with these values in place of the examples.

        Raises TransactionManagementError if the rows are locked and no transaction is open.
        """
        compiler: Any = copy(self._compiler)
        compiler.connection = connections[self._queryset.db]  # of this thread
        # Django checks this only when it compiles.
        if self._queryset.query.select_for_update and compiler.connection.get_autocommit():
            raise TransactionManagementError("Rows can be locked only in a transaction.")
        parameters = [values[name] if name else value for name, value in self._parameters]
        compiler.as_sql = lambda *args, **options: (self._sql, parameters)
        queryset: Any = self._queryset.all()
        queryset.query.get_compiler = lambda *args, **options: compiler
        return list(queryset)


def _name_of(parameter: Any, examples: dict[str, Any]) -> str | None:
    """The name of the example that equals ``parameter``."""
    return next((name for name, example in examples.items() if example == parameter), None)
