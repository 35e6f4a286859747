"""Runs a Starlette app in a thread of the current process."""

import errno
import signal
import socket
import threading
from typing import Any

import uvicorn
from starlette.applications import Starlette

LOOPBACK = "127.0.0.1"
START_SECONDS = 10
STOP_SECONDS = 5


class PortTaken(Exception):
    """Another process listens on the port."""


def bind(port: int, *, service: str, variable: str, host: str = LOOPBACK) -> socket.socket:
    """Returns a listening socket on the IPv4 address ``host``; port 0 selects a free port.

    Raises PortTaken. Its message contains ``service`` and ``variable``, the setting of the port.
    """
    # asyncio sets TCP_NODELAY only on sockets with an explicit protocol; without it, a request takes 40 ms.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        # With SO_REUSEADDR, bind() succeeds if another socket is bound to the port but does not listen yet.
        sock.listen(128)
    except OSError as error:
        sock.close()
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortTaken(
            f"Port {port} of the {service} is in use: stop the program that uses it,"
            f" or set {variable} to a free port."
        ) from None
    return sock


class Served:
    """A uvicorn server of one app. ``options`` are further uvicorn options."""

    def __init__(self, app: Starlette, **options: Any) -> None:
        self.app = app
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                lifespan="on",
                log_config=None,
                log_level="warning",  # lower levels log the API key in a WebSocket's address
                access_log=False,
                server_header=False,
                proxy_headers=False,  # there is no proxy, so X-Forwarded-For is not trusted
                timeout_graceful_shutdown=1,
                ws_per_message_deflate=False,  # compression costs CPU and saves nothing on loopback
                **options,
            )
        )
        self._thread: threading.Thread | None = None

    def start(self, sock: socket.socket) -> None:
        """Serves on ``sock`` in a daemon thread; returns when the server accepts requests.

        Raises RuntimeError if it does not within START_SECONDS.
        """
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
        """Closes all connections and waits at most STOP_SECONDS for the end of the thread."""
        self._server.should_exit = True
        if self._thread:
            self._thread.join(STOP_SECONDS)


def run_until_signal(served: Served, sock: socket.socket, banner: str) -> None:
    """Serves in the foreground until SIGINT or SIGTERM; prints ``banner`` after the start."""
    signals = (signal.SIGINT, signal.SIGTERM)
    # Threads inherit the mask: with the signals blocked before they start, only sigwait receives them.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    served.start(sock)
    print(banner, flush=True)
    signal.sigwait(signals)
    served.stop()
