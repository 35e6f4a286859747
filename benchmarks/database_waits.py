"""Measures what the limit of the time that a process waits for PostgreSQL costs each statement.

Prints the processor microseconds of this process for a small and for a large result, from PostgreSQL in a
temporary folder, with the callback of ``accounts/models/database_waits.py`` and without. The two take turns.
The figure is the least of the rounds, so that other programs on the machine hardly change it. Run as:

    python benchmarks/database_waits.py
"""

import time
from typing import Any

from local_default import configure

ROUNDS = 12
STATEMENTS = {
    "one row": ("select 1", 3_000),
    "150 KB in 50 rows": ("select repeat('x', 3000) from generate_series(1, 50)", 800),
}


def main() -> None:
    configure()
    from django.db import connection
    from psycopg2 import extensions

    from accounts.models.database_waits import WaitCallback

    callbacks = {"without": None, "with": WaitCallback(8)}
    with connection.cursor() as cursor:
        for name, (statement, times) in STATEMENTS.items():
            least = dict.fromkeys(callbacks, float("inf"))
            for _ in range(ROUNDS):
                for kind, callback in callbacks.items():
                    extensions.set_wait_callback(callback)
                    least[kind] = min(least[kind], microseconds(cursor, statement, times))
            print(f"{name}: {least['with']:.1f} µs with the limit, {least['without']:.1f} µs without")


def microseconds(cursor: Any, statement: str, times: int) -> float:
    """The processor time of this process for each of so many statements."""
    begun = time.process_time()
    for _ in range(times):
        cursor.execute(statement)
        cursor.fetchall()
    return (time.process_time() - begun) / times * 1e6


if __name__ == "__main__":
    main()
