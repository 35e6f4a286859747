"""gunicorn's own errors, for a request that it cannot read, in the common error shape instead of HTML."""

import json
from socket import socket
from typing import Any

from linguaflex import policies

MALFORMED = ("The request is malformed.", "bad_request")
ERRORS = {
    414: ("The address is too long.", "bad_request"),
    431: ("The headers are too long.", "bad_request"),
    500: ("Something went wrong on our side.", "server_error"),
}


def install() -> None:
    """Replaces gunicorn's writer of error pages in this process. The workers inherit it."""
    from gunicorn import util

    util.write_error = write_error


def write_error(sock: socket, status_int: int, reason: str, mesg: str) -> None:
    """Writes a response with the arguments of ``gunicorn.util.write_error``. ``mesg`` is logged."""
    from gunicorn import util

    detail, code = ERRORS.get(status_int, MALFORMED)
    body = json.dumps({"detail": detail, "code": code})
    head: dict[str, Any] = {
        "Connection": "close",
        "Content-Type": "application/json",
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "no-store",
        "Content-Security-Policy": policies.API,
        "Content-Length": len(body),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    util.write_nonblock(sock, f"HTTP/1.1 {status_int} {reason}\r\n{lines}\r\n{body}".encode("latin1"))
