"""Serves an ASGI app of the local default in a thread beside whatever else the process does."""

import errno
import socket
import threading
from typing import Any

import uvicorn
from starlette.applications import Starlette

START_SECONDS = 10
STOP_SECONDS = 5


class PortTaken(Exception):
    """Something else listens where a service should."""


def bind(port: int, *, service: str, variable: str) -> socket.socket:
    """A listening socket; port 0 takes any free one.

    Raises PortTaken, which names the ``service`` and the environment ``variable`` of its port.
    """
    # asyncio turns off Nagle's delay only for sockets that name their protocol: 40 ms a request.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
        # Two sockets may be bound to one port until one of them listens.
        sock.listen(128)
    except OSError as error:
        sock.close()
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortTaken(
            f"Port {port} of the {service} is taken: stop what uses it, or set {variable} to a free one."
        ) from None
    return sock


class Served:
    """An app as a running server."""

    def __init__(self, app: Starlette, **options: Any) -> None:
        """``options`` are more of uvicorn's."""
        self.app = app
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                lifespan="on",
                log_config=None,
                log_level="warning",  # below, it logs the API key in a WebSocket's address
                access_log=False,
                server_header=False,
                proxy_headers=False,  # nothing stands before it: a caller's word is not an address
                timeout_graceful_shutdown=1,
                ws_per_message_deflate=False,  # it costs more than it saves within one machine
                **options,
            )
        )
        self._thread: threading.Thread | None = None

    def start(self, sock: socket.socket) -> None:
        """Serves on ``sock`` from a daemon thread; returns when requests are answered."""
        # uvicorn installs its signal handlers in the main thread only.
        thread = threading.Thread(target=self._server.run, args=([sock],), daemon=True)
        self._thread = thread
        thread.start()
        for _ in range(START_SECONDS * 100):
            if self._server.started:
                return
            thread.join(0.01)
            if not thread.is_alive():
                break
        raise RuntimeError(f"The service on port {sock.getsockname()[1]} did not start.")

    def stop(self) -> None:
        """Ends the server."""
        self._server.should_exit = True
        if self._thread:
            self._thread.join(STOP_SECONDS)
