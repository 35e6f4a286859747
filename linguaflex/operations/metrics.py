"""Metrics of requests in Prometheus' format. docs/operations/MONITORING.md lists them.

Imported only if METRICS_TOKEN is set. Labels are methods, URL patterns and statuses: their number is limited,
and they tell nothing about users.
"""

import os

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from linguaflex.operations import database_metrics, metric_files
from linguaflex.operations.measurement import Measurement

UNKNOWN = "unknown"  # the route of requests without a URL pattern
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)  # seconds

disable_created_metrics()  # type: ignore[no-untyped-call] # gauges with the creation time of each counter
PROCESS = CollectorRegistry()
REQUESTS = Counter("linguaflex_requests", "Requests.", ["method", "route", "status"], registry=PROCESS)
SECONDS = Histogram(
    "linguaflex_request_seconds", "Durations of requests.", ["route"], buckets=BUCKETS, registry=PROCESS
)
QUERIES = Counter("linguaflex_database_queries", "Statements of requests.", ["route"], registry=PROCESS)
DATABASE_SECONDS = Counter(
    "linguaflex_database_seconds", "Time in which requests wait for statements.", ["route"], registry=PROCESS
)
THROTTLED = Counter(
    "linguaflex_throttled_requests", "Requests with the status 429.", ["route"], registry=PROCESS
)


def count(*, method: str, route: str | None, status: int, measured: Measurement) -> None:
    """Counts a request that has ended."""
    route = route or UNKNOWN
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(route).observe(measured.seconds())
    if measured.queries:
        QUERIES.labels(route).inc(measured.queries)
        DATABASE_SECONDS.labels(route).inc(measured.database_seconds)
    if status == 429:
        THROTTLED.labels(route).inc()


def exposition() -> bytes:
    """All metrics as text: those of all processes, and those that are read from the database now."""
    requests = PROCESS
    if metric_files.VARIABLE in os.environ:
        requests = CollectorRegistry()
        MultiProcessCollector(requests)  # type: ignore[no-untyped-call]
    return generate_latest(requests) + generate_latest(database_metrics.registry())
