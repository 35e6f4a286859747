"""A pool of database connections."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg2
from psycopg2.extensions import connection as Connection

# Limits of the wait for a row lock, and of an idle transaction, which may hold row locks.
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
    """No connection became free within WAIT_SECONDS."""


class Pool:
    """Opens at most ``size`` connections at once and keeps at most ``max_idle`` unused ones open."""

    def __init__(self, connect: Callable[[], Connection], *, max_idle: int, size: int = 10) -> None:
        self._connect = connect
        self._max_idle = max_idle
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(size)

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """Opens a transaction, which is committed at the end and rolled back after an exception.

        Raises PoolExhausted.
        """
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
        """Closes idle connections now, and other connections when they are returned."""
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
    """Whether the connection works. After a restart of the server it does not, and is closed."""
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("select 1")
    except psycopg2.Error:
        connection.close()
        return False
    return True
