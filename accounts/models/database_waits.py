"""A limit of the time that this process waits for an answer of PostgreSQL.

A stopped PostgreSQL (a frozen disk, a suspended process) closes no connection, and its kernel acknowledges
what arrives. Neither keepalives nor ``tcp_user_timeout`` notice it, a Unix socket has neither, and libpq
waits for ever. psycopg2 calls a wait callback wherever it would wait for the server (psycopg2 docs, "Support
for coroutine libraries"). That of this module waits with a limit. If it raises, psycopg2 closes the
connection.
"""

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from psycopg2 import extensions

# After a wait that reached its limit, until a statement is answered: requests then fail soon, and do not
# occupy all threads of the server.
SECONDS_AFTER_SILENCE = 1
CONNECTED = (extensions.STATUS_READY, extensions.STATUS_BEGIN)


class _Thread(threading.local):
    seconds: float | None = None  # the least limit within ``unhurried``


_thread = _Thread()


class WaitCallback:
    """Waits until the connection has its answer, at most ``seconds`` without a byte of the server.

    Raises psycopg2.OperationalError at the limit. The statement may still run, and COMMIT may take effect.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_silent = False  # whether the latest wait in this process has reached its limit

    def __call__(self, connection: Any) -> None:
        poll = connection.poll
        while (state := poll()) != extensions.POLL_OK:
            poller = select.poll()
            event = select.POLLIN if state == extensions.POLL_READ else select.POLLOUT
            poller.register(connection.fileno(), event)
            seconds = self.limit()
            if not poller.poll(1_000 * seconds):
                self.is_silent = True
                raise psycopg2.OperationalError(f"PostgreSQL has not answered for {seconds:g} s.")
        # A pooler accepts connections while the server behind it is stopped.
        if self.is_silent and connection.status in CONNECTED:
            self.is_silent = False

    def limit(self) -> float:
        """The seconds that this thread may wait now."""
        if _thread.seconds is not None:
            return max(_thread.seconds, self.seconds)
        return min(self.seconds, SECONDS_AFTER_SILENCE) if self.is_silent else self.seconds


def limit(seconds: float) -> None:
    """Limits all waits of this process, and of those that it forks, also those for a new connection.

    The option ``connect_timeout`` has no effect then.
    """
    extensions.set_wait_callback(WaitCallback(seconds))


@contextmanager
def unhurried(seconds: float) -> Iterator[None]:
    """Waits at least ``seconds`` for the statements of this thread in the body, such as a large deletion."""
    before, _thread.seconds = _thread.seconds, seconds
    try:
        yield
    finally:
        _thread.seconds = before
