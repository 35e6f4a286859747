"""Supabase's limits for one client (supabase.com/docs/guides/realtime/limits)."""

import time
from collections import deque
from collections.abc import Callable

CHANNELS = 100  # of one connection
JOINS_PER_SECOND = 100
PRESENCE_CALLS, PRESENCE_SECONDS = 5, 30  # of one channel
CACHED_EVENTS = 100  # cached permissions to send, of one channel
MAX_PAYLOAD_BYTES = 3000 * 1024  # of a broadcast
MAX_FRAME_BYTES = 5_000_000
MAX_WAITING_BYTES = 32 * 1024 * 1024  # a client with more unread bytes is disconnected


class RateLimit:
    """At most ``count`` calls in any period of ``seconds``."""

    def __init__(self, count: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._calls: deque[float] = deque(maxlen=count)

    def allows(self) -> bool:
        """Counts a call and returns True; returns False, without counting it, if the limit is reached."""
        now = self._clock()
        if len(self._calls) == self._calls.maxlen and now - self._calls[0] < self._seconds:
            return False
        self._calls.append(now)
        return True
