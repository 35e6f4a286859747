"""Statements that PostgreSQL parses and plans once for each connection, with PREPARE and EXECUTE.

For a query that finds rows by their keys, planning takes longer than the execution. The INSERT of a row has
one plan for all values.
"""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError, OperationalError
from psycopg2 import errors

# Another session is behind the connection, or a migration has changed the type of a column.
INVALID = (
    errors.InvalidSqlStatementName,
    errors.DuplicatePreparedStatement,
    errors.FeatureNotSupported,
)
MAX_PREPARED = 60  # statements of a connection; a page of each length is a statement of its own
# What was run on each connection of psycopg2: False for the first time, True once it is prepared.
_prepared: WeakKeyDictionary[Any, dict[str, bool]] = WeakKeyDictionary()


class PreparedStatement:
    """A statement with one parameter or more, as ``%s``: a query by keys, or an INSERT.

    After five executions PostgreSQL may keep one plan for all values of the parameters ("Generic plan",
    PREPARE in its documentation). That suits a query which finds few rows for each value, and an INSERT,
    which has only one plan.
    """

    def __init__(self, sql: str, parameters: int) -> None:
        self._sql = sql
        # The same in all processes: in a session of another one, the name stands for the same statement.
        self._name = f"linguaflex_{sha256(sql.encode()).hexdigest()[:16]}"
        numbered = sql % tuple(f"${number + 1}" for number in range(parameters))
        self._prepare = f"PREPARE {self._name} AS {numbered}"
        self._execute = f"EXECUTE {self._name} ({', '.join(['%s'] * parameters)})"

    def run(self, connection: Any, cursor: Any, parameters: Sequence[Any]) -> None:
        """Runs it on ``cursor``, of Django's ``connection``: the second time on a connection, it is prepared.

        Not behind a pooler in transaction mode, where a statement reaches any connection of the server.
        In a transaction, raises OperationalError if a migration has changed the type of a column meanwhile.
        """
        if connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
            cursor.execute(self._sql, parameters)
            return
        known = _prepared.setdefault(connection.connection, {})
        if self._name not in known:
            if len(known) >= MAX_PREPARED:
                known.clear()  # the next one that is prepared removes them from the session too
            known[self._name] = False
            cursor.execute(self._sql, parameters)
            return
        try:
            if not known[self._name]:
                self._prepare_on(connection, is_first=not any(known.values()))
                known[self._name] = True
            cursor.execute(self._execute, parameters)
        except DatabaseError as error:
            if not isinstance(error.__cause__, INVALID):
                raise
            known.clear()
            if connection.in_atomic_block:  # the transaction has failed
                raise OperationalError("A prepared statement is no longer valid.") from error
            cursor.execute(self._sql, parameters)

    def _prepare_on(self, connection: Any, *, is_first: bool) -> None:
        """Prepares it. The first one removes older ones, also those of another client of a pooler."""
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            cursor.execute(f"DEALLOCATE ALL; {self._prepare}" if is_first else self._prepare)


@lru_cache(maxsize=500)
def prepared_statement(sql: str, parameters: int) -> PreparedStatement:
    """The statement of this SQL."""
    return PreparedStatement(sql, parameters)
