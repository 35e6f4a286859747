"""Counts of requests in the memory of this process."""

import time
from collections import OrderedDict, deque
from threading import Lock


class ProcessCounts:
    """At most ``maximum`` requests of a key in any period, counted in this process. Safe for threads.

    Keys without a request in the last period are removed. All keys have the same period.
    """

    def __init__(self) -> None:
        self._instants: OrderedDict[str, deque[float]] = OrderedDict()  # the latest counted key is the last
        self._lock = Lock()

    def count(self, *, key: str, maximum: int, seconds: int, at: float | None = None) -> float:
        """Counts a request, or returns the seconds until the next one is allowed. 0.0 if it was counted.

        ``at`` is in seconds of ``time.monotonic()``, the default.
        """
        with self._lock:
            at = time.monotonic() if at is None else at
            self._forget(at - seconds)
            instants = self._instants.setdefault(key, deque())
            while instants and instants[0] <= at - seconds:
                instants.popleft()
            if len(instants) >= maximum:
                return instants[-maximum] + seconds - at
            instants.append(at)
            self._instants.move_to_end(key)
            return 0.0

    def __len__(self) -> int:
        """The number of keys in memory."""
        return len(self._instants)

    def _forget(self, since: float) -> None:
        """Removes the keys whose latest request is not after ``since``."""
        while self._instants:
            key, instants = next(iter(self._instants.items()))
            if instants[-1] > since:
                return
            del self._instants[key]
