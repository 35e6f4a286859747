"""Counts of requests in memory that a process shares with the processes that it forks.

gunicorn with ``--preload`` imports this module before it forks its workers, so that they count together.
Without it, each process counts its own; each gunicorn always does.
"""

import fcntl
import mmap
import os
import tempfile
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

STEPS = 60  # parts of a period
WIDTH = STEPS + 1  # counters of a key: a period begins and ends within a part
ROWS, KEYS = 1024, 16  # rows of the table, and keys of a row
NO_REQUESTS = memoryview(bytes(4 * WIDTH)).cast("I")
SHORTEST_WAIT = 0.001  # seconds


class SharedCounts:
    """At most ``maximum`` requests of a key in any period. Safe for threads and forked processes.

    Requests are counted by parts of the period, so that the next one may have to wait for a 60th of the
    period longer than necessary. All keys have the same period.

    The table has 16,384 keys. In a full row, a new key replaces the one whose latest request is the oldest,
    which then begins anew.
    """

    def __init__(self) -> None:
        memory = memoryview(mmap.mmap(-1, ROWS * KEYS * (8 + 8 + 4 * WIDTH)))
        size = 8 * ROWS * KEYS
        self._keys = memory[:size].cast("Q")  # 0: a free place
        self._latest = memory[size : 2 * size].cast("Q")  # the part in which the latest request was
        self._counters = memory[2 * size :].cast("I")  # of each place, by part modulo WIDTH
        self._threads = Lock()
        # The kernel releases the lock of a killed process. The file has no name.
        self._file, path = tempfile.mkstemp()
        os.unlink(path)
        weakref.finalize(self, os.close, self._file)

    def count(self, *, key: str, maximum: int, seconds: int, at: float | None = None) -> float:
        """Counts a request, or returns the seconds until the next one is allowed. 0.0 if it was counted.

        ``key`` is a hash of at least 16 hexadecimal digits. ``at`` is in seconds of ``time.monotonic()``, the
        default, which is the same in all processes of a machine.
        """
        with self._locked():
            at = time.monotonic() if at is None else at
            part = int(at * STEPS / seconds) + WIDTH  # a free place is older than a period
            begin = WIDTH * self._place(int(key[:16], 16) or 1, part)
            counts = self._counters[begin : begin + WIDTH]
            used = sum(counts)
            if used < maximum:
                counts[part % WIDTH] += 1
                return 0.0
            oldest = part - STEPS
            while used >= maximum:
                used -= counts[oldest % WIDTH]
                oldest += 1
        return max((oldest + STEPS - WIDTH) * seconds / STEPS - at, SHORTEST_WAIT)

    def __len__(self) -> int:
        """The number of keys in memory."""
        return sum(map(bool, self._keys))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """POSIX locks are those of a process: its threads need another one."""
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _place(self, key: int, part: int) -> int:
        """The number of the key's place. Its counters are those of the period that ends with ``part``."""
        row = key % ROWS * KEYS
        keys = self._keys[row : row + KEYS].tolist()
        latest = self._latest[row : row + KEYS].tolist()
        if key in keys:
            place = row + keys.index(key)
            begin = WIDTH * place
            for passed in range(max(self._latest[place], part - WIDTH) + 1, part + 1):
                self._counters[begin + passed % WIDTH] = 0
        else:
            place = row + latest.index(min(latest))
            self._counters[WIDTH * place : WIDTH * (place + 1)] = NO_REQUESTS
            self._keys[place] = key
        self._latest[place] = part
        return place
