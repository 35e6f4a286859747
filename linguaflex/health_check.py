"""Requests /health/ of the server in this container. The Dockerfile's HEALTHCHECK runs this module.

    python -m linguaflex.health_check [PORT]

It ends with status 0 after a 200, otherwise with an error and status 1.
"""

import os
import sys
from http.client import HTTPConnection

PORT = 8000
TIMEOUT_SECONDS = 4


def host() -> str:
    """A host name that the server accepts: the first of ALLOWED_HOSTS."""
    first = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip()
    return first.lstrip(".") if first != "*" else "localhost"


def main(port: int = PORT) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    connection.request("GET", "/health/", headers={"Host": host()})
    status = connection.getresponse().status
    if status != 200:
        raise SystemExit(f"/health/ answered {status}.")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
