"""What gunicorn itself writes to a connection, and how it ends one.

A request that gunicorn cannot read gets the common error shape instead of HTML. A request that was answered
before its body was read (401, 404, 413) keeps its answer: if a connection is closed with unread bytes, the
system discards what the client has not read yet.
"""

import functools
import json
from socket import socket
from typing import Any

from linguaflex import policies

MALFORMED = ("The request is malformed.", "bad_request")
# Bytes of a body that gunicorn reads, for at most two seconds, before it closes the connection. More than
# deploy/nginx.conf passes on.
MAX_UNREAD = 6 * 1024 * 1024
ERRORS = {
    414: ("The address is too long.", "bad_request"),
    431: ("The headers are too long.", "bad_request"),
    500: ("Something went wrong on our side.", "server_error"),
}


def install() -> None:
    """Replaces gunicorn's functions in this process. The workers inherit them."""
    from gunicorn import util

    util.write_error = write_error
    util.close_graceful = functools.partial(util.close_graceful, max_drain=MAX_UNREAD)


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
