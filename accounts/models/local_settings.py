"""PostgreSQL settings for single statements."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.conf import settings
from django.db import connection

SHARE_OF_WAIT = 0.9  # of DATABASE_TIMEOUT


@contextmanager
def local_settings(**values: str | int) -> Iterator[None]:
    """Runs each query within with these settings of PostgreSQL, which end with it.

    ``set local`` is sent in the message of the query. PostgreSQL executes a message as one transaction, so
    this costs no round trip, and nothing remains on a connection of a transaction-mode pooler. A statement
    timeout applies to the query alone (PostgreSQL 13 and later).
    """
    prefix = "".join(f"set local {name} = {value}; " for name, value in values.items())

    def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        return run(prefix + sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield
    if connection.in_atomic_block:
        with connection.connection.cursor() as cursor:
            cursor.execute("".join(f"set local {name} to default; " for name in values))


def statistics_settings() -> AbstractContextManager[None]:
    """Settings of queries that read a whole history.

    PostgreSQL ends each query a little before this process would stop waiting for it, with OperationalError;
    later if a wait has reached its limit just before, because the process then waits for a second only.
    """
    # Compilation to machine code, and the start of other processes, would take longer than most queries.
    return local_settings(
        jit="off",
        max_parallel_workers_per_gather=0,
        statement_timeout=round(1_000 * SHARE_OF_WAIT * settings.DATABASE_TIMEOUT),
    )
