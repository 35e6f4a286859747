"""What goes wrong in Realtime sessions, for tests of the product."""

import threading
from collections import deque
from enum import Enum


class Plan(Enum):
    """An event of OpenAI that tests ask for. Each applies once, in any session."""

    FAILED_TRANSCRIPTION = "the next spoken turn is not transcribed"
    LATE_RESPONSE = "the next response begins late, after the transcription of its turn"
    FAILED_RESPONSE = "the next response ends with an error of the server"
    INCOMPLETE_RESPONSE = "the next response reaches max_output_tokens"
    INTERRUPTED_RESPONSE = "the learner speaks during the next response"
    RATE_LIMITS = "the rate limits come with the next response"


class Plans:
    """The plans that have not been carried out. Tests add them from another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: deque[Plan] = deque()

    def add(self, *plans: Plan) -> None:
        with self._lock:
            self._coming.extend(plans)

    def take(self, *plans: Plan) -> Plan | None:
        """Removes and returns the first of these ``plans``, or None."""
        with self._lock:
            found = next((each for each in self._coming if each in plans), None)
            if found:
                self._coming.remove(found)
            return found

    def clear(self) -> None:
        with self._lock:
            self._coming.clear()
