"""Failing on demand: what OpenAI does on a bad day, one request after the other."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response


@dataclass(frozen=True)
class Fault:
    """One answer in the place of the simulator's own, on a path that ends with ``path``.

    ``body`` is sent as JSON, or as it is if it is bytes.
    """

    path: str
    status: int = 200
    body: Any = None
    retry_after: int | None = None
    seconds: float = 0  # before it comes


class Faults:
    """The faults to come; tests add them from another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: deque[Fault] = deque()

    def add(self, *faults: Fault) -> None:
        """Faults for the next requests, in this order."""
        with self._lock:
            self._coming.extend(faults)

    def clear(self) -> None:
        """All is well again."""
        with self._lock:
            self._coming.clear()

    async def of(self, path: str) -> Response | None:
        """The answer of the first fault for ``path``, which is then over; None when all is well."""
        with self._lock:
            fault = next((each for each in self._coming if path.endswith(each.path)), None)
            if fault is None:
                return None
            self._coming.remove(fault)
        await asyncio.sleep(fault.seconds)
        headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
        if isinstance(fault.body, bytes):
            return Response(fault.body, fault.status, headers, media_type="application/json")
        return JSONResponse(fault.body, fault.status, headers)
