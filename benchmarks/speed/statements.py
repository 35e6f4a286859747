"""The statements that a server sends for one request, counted in PostgreSQL's log."""

import re
import time

from benchmarks.speed import http
from benchmarks.speed.http import Request
from benchmarks.speed.site import Server, Site

# Of all threads: they connect, ask the database once what it permits, and prepare statements.
FIRST_REQUESTS, CONNECTIONS = 100, 8
REQUESTS = 10
FLUSH_SECONDS = 0.3
STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]*):\s*(\S.*)")
# asyncpg's pool resets a connection when it is returned; this is no statement of the application.
RESET = "SELECT pg_advisory_unlock_all()"


def statements_per_request(site: Site, server: Server, request: Request) -> float:
    """BEGIN and COMMIT count too; statements inside functions and triggers do not."""
    http.send_all(server.port, [request] * FIRST_REQUESTS, CONNECTIONS)  # starts all threads
    for _ in range(FIRST_REQUESTS):  # on new connections, which reach both workers
        http.get(server.port, request)
    log_statements(site, "all")
    try:
        start = site.postgres_log.stat().st_size
        for _ in range(REQUESTS):
            http.get(server.port, request)
        time.sleep(FLUSH_SECONDS)
        with site.postgres_log.open("rb") as log:
            log.seek(start)
            lines = log.read().decode(errors="replace")
    finally:
        log_statements(site, "none")
    found = [text for text in STATEMENT.findall(lines) if not text.startswith(RESET)]
    return len(found) / REQUESTS


def log_statements(site: Site, kind: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"alter system set log_statement = '{kind}'")
        cursor.execute("select pg_reload_conf()")
    connection.close()
    time.sleep(FLUSH_SECONDS)
