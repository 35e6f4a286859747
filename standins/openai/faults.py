"""Prepared errors and delays, for tests of the product."""

import asyncio
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse, Response


@dataclass(frozen=True)
class Fault:
    """A response that replaces the simulator's, to a request whose path ends with ``path``.

    ``body`` is sent as JSON, or unchanged if it is bytes.
    """

    path: str
    status: int = 200
    body: Any = None
    retry_after: int | None = None  # seconds, sent as a header
    seconds: float = 0  # delay before the response
    headers: Mapping[str, str] = field(default_factory=dict)


class Faults:
    """The faults of the next requests. Tests add them from another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: deque[Fault] = deque()

    def add(self, *faults: Fault) -> None:
        """Appends faults; each one applies to one request."""
        with self._lock:
            self._coming.extend(faults)

    def clear(self) -> None:
        with self._lock:
            self._coming.clear()

    async def response_for(self, path: str) -> Response | None:
        """Removes the first fault for ``path`` and returns its response; None without a fault."""
        with self._lock:
            fault = next((each for each in self._coming if path.endswith(each.path)), None)
            if fault is None:
                return None
            self._coming.remove(fault)
        await asyncio.sleep(fault.seconds)
        headers = dict(fault.headers)
        if fault.retry_after is not None:
            headers["retry-after"] = str(fault.retry_after)
        if isinstance(fault.body, bytes):
            return Response(fault.body, fault.status, headers, media_type="application/json")
        return JSONResponse(fault.body, fault.status, headers)
