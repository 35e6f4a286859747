"""What a request costs: its time, its database statements and their time."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import connections


@dataclass(slots=True)
class Measurement:
    """The id of a request, and what it has cost so far. Instants are of ``time.perf_counter``."""

    request_id: str
    began_at: float = field(default_factory=time.perf_counter)
    queries: int = 0
    database_seconds: float = 0.0

    def seconds(self) -> float:
        """The time since the request began."""
        return time.perf_counter() - self.began_at


# That of the request which this thread handles.
current: ContextVar[Measurement | None] = ContextVar("measurement", default=None)


def begin(request_id: str) -> Measurement:
    """Measures this thread's request from now on."""
    wrappers = connections["default"].execute_wrappers
    if _measure not in wrappers:
        # First, because Django removes the last one at the end of each ``execute_wrapper``.
        wrappers.insert(0, _measure)
    measurement = Measurement(request_id)
    current.set(measurement)
    return measurement


def end() -> None:
    """Attributes later statements and log lines of this thread to no request."""
    current.set(None)


def _measure(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """Runs a statement, and adds it to the measurement of the request."""
    measurement = current.get()
    if measurement is None:
        return execute(sql, params, many, context)
    began_at = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        measurement.queries += 1
        measurement.database_seconds += time.perf_counter() - began_at
