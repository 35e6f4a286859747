"""Runs a race again and again: actions that start together, each with its own database connection.

A try is a violation if an action raises, gets a status that is neither a success nor an expected refusal, or
logs an error, or if an invariant does not hold afterwards.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection

from accounts.errors import LinguaFlexError
from accounts.rest.exception_handler import STATUS

Action = Callable[[], Any]
REFUSALS = frozenset({400, 401, 403, 404, 409})
THREADS = 5
PATIENCE = 30  # seconds
# The longest waits before an action, in seconds: different interleavings are likely with each.
DELAYS = (0.0, 0.002, 0.01, 0.03)
HOUSEKEEPING = """
truncate accounts_throttle, django_tasks_database_dbtaskresult; delete from realtime.messages"""
TRIES_PER_HOUSEKEEPING = 50


class Racers:
    """Threads that start actions together. Each keeps its database connection."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool
        list(self.pool.map(self._prepare, [threading.Barrier(THREADS)] * THREADS))

    def run(self, actions: Mapping[str, Action], delays: Sequence[float]) -> dict[str, int | Exception]:
        """The status of each action, or what it raised. There are at most THREADS actions."""
        together = threading.Barrier(len(actions))

        def act(action: Action, delay: float) -> int | Exception:
            together.wait(PATIENCE)
            time.sleep(delay)
            try:
                return int(getattr(action(), "status_code", 200))
            except LinguaFlexError as refused:
                return next(status for kind, status in STATUS.items() if isinstance(refused, kind))
            except Exception as error:
                return error

        return dict(zip(actions, self.pool.map(act, actions.values(), delays), strict=True))

    def close(self) -> None:
        list(self.pool.map(self._close, [threading.Barrier(THREADS)] * THREADS))

    @staticmethod
    def _prepare(together: threading.Barrier) -> None:
        """Lets PostgreSQL find a deadlock soon; its default is a second."""
        with connection.cursor() as cursor:
            cursor.execute("set deadlock_timeout = '100ms'")
        together.wait(PATIENCE)

    @staticmethod
    def _close(together: threading.Barrier) -> None:
        connection.close()
        together.wait(PATIENCE)


@contextmanager
def racers() -> Iterator[Racers]:
    """Threads, which end with the block."""
    with ThreadPoolExecutor(THREADS) as pool:
        started = Racers(pool)
        try:
            yield started
        finally:
            started.close()


class LoggedErrors(logging.Handler):
    """Collects what the product logs as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the message and the traceback."""
        self.texts.append(logging.Formatter().format(record))

    def taken(self) -> list[str]:
        """The texts since the last call."""
        texts, self.texts = self.texts, []
        return texts


@contextmanager
def logged_errors() -> Iterator[LoggedErrors]:
    """Collects errors of the product's loggers during the block."""
    handler, logger = LoggedErrors(), logging.getLogger("accounts")
    logger.addHandler(handler)
    try:
        yield handler
    finally:
        logger.removeHandler(handler)


class Tries:
    """The tries of one race."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0
        self.violations: list[str] = []
        self.accepted: Counter[str] = Counter()  # successes by the kind of action

    def run(self, count: int, scene: Callable[[random.Random], Any], threads: Racers) -> None:
        """Makes ``count`` tries. ``scene`` makes the people and rows of a try; see ``scenes.Scene``."""
        with logged_errors() as errors:
            for seed in range(count):
                if seed % TRIES_PER_HOUSEKEEPING == 0:
                    with connection.cursor() as cursor:
                        cursor.execute(HOUSEKEEPING)
                chance = random.Random(f"{self.name} {seed}")
                self._try(scene(chance), chance, threads, errors)

    def _try(self, scene: Any, chance: random.Random, threads: Racers, errors: LoggedErrors) -> None:
        actions = scene.actions()
        longest = chance.choice(DELAYS)
        results = threads.run(actions, [chance.random() * longest for _ in actions])
        faults = errors.taken()
        for name, result in results.items():
            if isinstance(result, Exception):
                faults.append(f"{name} raised {result!r}")
            elif result < 400:
                self.accepted[kind_of(name)] += 1
            elif result not in REFUSALS | scene.more_refusals:
                faults.append(f"{name} was answered with {result}")
        faults += scene.faults(results)
        self.count += 1
        if faults:
            self.violations.append(f"{self.name}, try {self.count}: {results}\n  " + "\n  ".join(faults))

    def __str__(self) -> str:
        return f"{self.name}: {self.count} tries, {len(self.violations)} violations"


def kind_of(name: str) -> str:
    """The kind of an action: its name without the number that makes it unique in a try."""
    return name.partition(" #")[0]
