"""A brake on guessing six-digit codes."""

import threading
from collections import deque
from datetime import datetime, timedelta

from standins.supabase.auth.errors import AuthError

WINDOW = timedelta(hours=1)
WRONG_GUESSES = 1000


class GuessLimit:
    """Counts wrong codes and links of all callers together within the life of a code.

    A link carries only sha224(address + code), so a wrong one tells nobody whose it was meant to
    be; a thousand tries at a million codes keep the odds of a hit at one in a thousand.
    """

    def __init__(self) -> None:
        self._wrong: deque[datetime] = deque()
        self._lock = threading.Lock()

    def check(self, at: datetime) -> None:
        """Raises AuthError (429) while there have been too many."""
        with self._lock:
            while self._wrong and self._wrong[0] <= at - WINDOW:
                self._wrong.popleft()
            if len(self._wrong) >= WRONG_GUESSES:
                raise AuthError(429, "over_request_rate_limit", "Request rate limit reached")

    def record(self, at: datetime) -> None:
        """Counts one wrong guess."""
        with self._lock:
            self._wrong.append(at)
