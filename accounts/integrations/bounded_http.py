"""An HTTP client whose requests end in time, and whose responses have a limited size.

The timeouts of httpx are for each read: a server that sends one byte a second, in the headers or in the body,
would hold a thread for hours. Here one deadline ends the resolution of the name, the connection, the request
and the response. It is applied where bytes are read and written, below HTTP.
Source: encode.io/httpcore/network-backends and python-httpx.org/advanced/transports

This module imports httpx, which takes time. Other modules import it when they make a call.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Thread
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

MAX_CONNECTIONS = 50
MAX_SECONDS = 8.0
# A response of Supabase Auth has the metadata of an account several times.
MAX_BYTES = 4 * 1024 * 1024
KEPT_SECONDS = 5.0  # of an idle connection; the default of httpx
# The end of a write is checked after each part. A socket that is ready takes so many bytes at once.
WRITTEN_AT_ONCE = 16 * 1024


@dataclass(frozen=True)
class Limits:
    """``ends_at`` is an instant of the monotonic clock, ``max_bytes`` the size of the body of a response."""

    ends_at: float
    max_bytes: int


class ResponseTooLarge(httpx.ReadError):
    """The body of the response has more bytes than the limit."""


_limits: ContextVar[Limits] = ContextVar("limits of outside calls")


@contextmanager
def limited(*, seconds: float, max_bytes: int = MAX_BYTES) -> Iterator[None]:
    """All requests in this context end within ``seconds`` in all. Limits around it still hold."""
    limits = Limits(time.monotonic() + seconds, max_bytes)
    if outer := _limits.get(None):
        limits = Limits(min(limits.ends_at, outer.ends_at), min(max_bytes, outer.max_bytes))
    token = _limits.set(limits)
    try:
        yield
    finally:
        _limits.reset(token)


def client() -> httpx.Client:
    """A client with the proxies of the environment. A request ends within MAX_SECONDS, or as ``limited``.

    Each failure of a request, the deadline and the size included, is an ``httpx.HTTPError``.
    """
    return httpx.Client(transport=Transport(), headers={"Accept-Encoding": "identity"})


class Transport(httpx.BaseTransport):
    """Sends requests over pools of connections, and reads their responses within the limits."""

    def __init__(self) -> None:
        context = httpx.create_ssl_context()
        options: Any = {
            "ssl_context": context,
            "max_connections": MAX_CONNECTIONS,
            "keepalive_expiry": KEPT_SECONDS,
            "network_backend": _Backend(),
        }
        self._direct = httpcore.ConnectionPool(**options)
        self._proxied: dict[str, httpcore.ConnectionPool] = {}  # by scheme
        proxies = getproxies()
        for scheme in ("http", "https"):
            if address := proxies.get(scheme) or proxies.get("all"):
                proxy = httpx.Proxy(address if "://" in address else f"http://{address}")
                url, auth = str(proxy.url), proxy.raw_auth
                self._proxied[scheme] = httpcore.HTTPProxy(url, auth, **options)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The response with its whole body. Raises httpx.TransportError."""
        with limited(seconds=MAX_SECONDS), _errors_of_httpx(request):
            answer = self._pool_of(request.url).handle_request(_request_of_httpcore(request))
            try:
                body = _body_of(answer)
            finally:
                answer.close()
        return httpx.Response(answer.status, headers=answer.headers, content=body)

    def close(self) -> None:
        """Closes all connections."""
        for pool in (self._direct, *self._proxied.values()):
            pool.close()

    def _pool_of(self, url: httpx.URL) -> httpcore.ConnectionPool:
        pool = self._proxied.get(url.scheme)
        return self._direct if pool is None or proxy_bypass(url.host) else pool


def _request_of_httpcore(request: httpx.Request) -> httpcore.Request:
    url, left = request.url, _seconds_left(httpcore.PoolTimeout)
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    timeouts = dict.fromkeys(("pool", "connect", "read", "write"), left)
    headers, content = request.headers.raw, request.stream
    return httpcore.Request(
        request.method, target, headers=headers, content=content, extensions={"timeout": timeouts}
    )


@contextmanager
def _errors_of_httpx(request: httpx.Request) -> Iterator[None]:
    """Replaces the errors of httpcore by those of httpx, which have the same names."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
    ) as error:
        raise getattr(httpx, type(error).__name__)(str(error), request=request) from error


def _body_of(answer: httpcore.Response) -> bytes:
    """The body. Raises ResponseTooLarge; DecodingError for a coding, which no request permits.

    A coded body has no limit of its own: a kilobyte of gzip may contain a megabyte.
    """
    if httpx.Headers(answer.headers).get("Content-Encoding", "identity").lower() != "identity":
        raise httpx.DecodingError("The response is coded, although the request does not permit it.")
    body, limit = bytearray(), _limits.get().max_bytes
    for part in answer.iter_stream():
        body += part
        if len(body) > limit:
            raise ResponseTooLarge(f"The response has more than {limit} bytes.")
    return bytes(body)


def _seconds_left(error: type[Exception]) -> float:
    """The seconds until the deadline. Raises ``error`` if it has passed."""
    left = _limits.get().ends_at - time.monotonic()
    if left <= 0:
        raise error("The deadline of the request has passed.")
    return left


class _Backend(httpcore.NetworkBackend):
    """Connections whose operations end at the deadline. Their own timeouts are not used."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that accepts one. The addresses share the time."""
        addresses = _addresses_of(host, port)
        for waiting in range(len(addresses), 0, -1):
            seconds = _seconds_left(httpcore.ConnectTimeout) / waiting
            try:
                return _Stream(
                    httpcore.SyncBackend().connect_tcp(
                        addresses[-waiting], port, seconds, local_address, socket_options
                    )
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if waiting == 1:
                    raise
        raise httpcore.ConnectError(f"{host} has no address.")


def _addresses_of(host: str, port: int) -> list[str]:
    """The addresses of a name. A resolver has no timeout, so that its thread is abandoned at the deadline."""
    found: Future[list[Any]] = Future()

    def resolve() -> None:
        try:
            found.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:
            found.set_exception(error)

    Thread(target=resolve, name="resolver", daemon=True).start()
    try:
        rows = found.result(_seconds_left(httpcore.ConnectTimeout))
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(f"{host} was not resolved in time.") from error
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(str(error)) from error
    return list(dict.fromkeys(str(row[4][0]) for row in rows))


class _Stream(httpcore.NetworkStream):
    """A connection whose reads and writes end at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _seconds_left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), WRITTEN_AT_ONCE):
            part = buffer[start : start + WRITTEN_AT_ONCE]
            self._stream.write(part, _seconds_left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = _seconds_left(httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, seconds))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
