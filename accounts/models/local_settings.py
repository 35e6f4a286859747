"""PostgreSQL settings for single statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def local_settings(**values: str | int) -> Iterator[None]:
    """Runs each query within with these settings of PostgreSQL. They end with the query's transaction.

    ``set local`` is sent in the message of the query. PostgreSQL executes a message as one transaction, so
    this costs no round trip, and nothing remains on a connection of a transaction-mode pooler.
    """
    prefix = "".join(f"set local {name} = {value}; " for name, value in values.items())

    def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        return run(prefix + sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield
