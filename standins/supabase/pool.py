"""The stand-in's own few database connections, apart from Django's thread-local ones."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg2
from psycopg2.extensions import connection as Connection

# A request waits no longer than this for a row, and holds none longer when its thread is stuck.
SESSION_LIMITS = "set lock_timeout = '5s'; set idle_in_transaction_session_timeout = '30s'"
WAIT_SECONDS = 10


class Cursor(Protocol):
    """A DB-API cursor of psycopg2 or of Django."""

    @property
    def rowcount(self) -> int: ...
    def execute(self, sql: str, params: Sequence[Any] | Mapping[str, Any] | None = ..., /) -> object: ...
    def fetchone(self) -> tuple[Any, ...] | None: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...


class PoolExhausted(Exception):
    """Every connection stayed busy for WAIT_SECONDS."""


class Pool:
    """Hands out at most ``size`` connections and keeps at most ``max_idle`` open between uses."""

    def __init__(self, connect: Callable[[], Connection], *, size: int, max_idle: int) -> None:
        self._connect = connect
        self._max_idle = max_idle
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(size)

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """A cursor whose changes are committed at the end, or rolled back with an exception."""
        if not self._places.acquire(timeout=WAIT_SECONDS):
            raise PoolExhausted
        try:
            connection = self._take()
            try:
                with connection, connection.cursor() as cursor:
                    yield cursor
            finally:
                self._give_back(connection)
        finally:
            self._places.release()

    def close(self) -> None:
        """Closes what is idle; connections in use are closed when they come back."""
        with self._lock:
            self._max_idle = 0
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take(self) -> Connection:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is not None and _answers(connection):
            return connection
        connection = self._connect()
        with connection, connection.cursor() as cursor:
            cursor.execute(SESSION_LIMITS)
        return connection

    def _give_back(self, connection: Connection) -> None:
        with self._lock:
            if not connection.closed and len(self._idle) < self._max_idle:
                self._idle.append(connection)
                return
        connection.close()


def _answers(connection: Connection) -> bool:
    """False when the server restarted meanwhile."""
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("select 1")
    except psycopg2.Error:
        connection.close()
        return False
    return True
