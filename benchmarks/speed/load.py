"""The cost of requests: processor time of the server and of PostgreSQL, and the latency."""

import itertools
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.speed import http
from benchmarks.speed.http import Request
from benchmarks.speed.processes import cpu_seconds
from benchmarks.speed.site import Server, Site

SETTLE_SECONDS = 0.15  # PostgreSQL and the server finish their work after the last answer


@dataclass(frozen=True)
class Cost:
    """Milliseconds for each request; ``server_cpu`` and ``postgres_cpu`` are processor time."""

    server_cpu: float
    postgres_cpu: float
    median: float
    slow: float  # the 99th percentile
    per_second: float

    @property
    def cpu(self) -> float:
        return self.server_cpu + self.postgres_cpu


def measured(
    site: Site, server: Server, requests: Sequence[Request], *, seconds: float, connections: int
) -> Cost:
    """Sends the requests in turn for ``seconds``. Raises RuntimeError for an answer that is an error."""
    pids = (server.pid, site.postgres_pid)
    encoded = itertools.cycle([request.encoded() for request in requests])
    before, began = [cpu_seconds(pid) for pid in pids], time.perf_counter()
    durations = http.send_during(seconds, server.port, encoded, connections)
    elapsed = time.perf_counter() - began
    time.sleep(SETTLE_SECONDS)
    used = [
        (cpu_seconds(pid) - start) * 1000 / len(durations) for pid, start in zip(pids, before, strict=True)
    ]
    return Cost(
        server_cpu=used[0],
        postgres_cpu=used[1],
        median=statistics.median(durations) * 1000,
        slow=sorted(durations)[int(len(durations) * 0.99)] * 1000,
        per_second=len(durations) / elapsed,
    )
