"""Requests end at their deadline and at the size of their response, whatever the server sends."""

import gzip
import itertools
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import httpx
import pytest

from accounts.integrations import bounded_http
from tests.fixtures.faulty_servers import HEAD, dripping, faulty_server, serving, whole

SECONDS = 0.2


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with bounded_http.client() as made:
        yield made


def failure(client: httpx.Client, port: int, **options: Any) -> httpx.HTTPError:
    """The error of a request, which ends within SECONDS and a little more for a busy machine."""
    began = time.monotonic()
    with pytest.raises(httpx.HTTPError) as caught, bounded_http.limited(seconds=SECONDS):
        client.request(options.pop("method", "GET"), f"http://127.0.0.1:{port}/", **options)
    assert time.monotonic() - began < SECONDS + 1
    return caught.value


@pytest.mark.parametrize("fault", ["hanging", "dripping headers", "dripping body"])
def test_slow_response_ends_at_the_deadline(client: httpx.Client, fault: str) -> None:
    with faulty_server(fault) as port:
        assert isinstance(failure(client, port), httpx.ReadTimeout)


def test_informational_responses_do_not_move_the_deadline(client: httpx.Client) -> None:
    parts = (b"HTTP/1.1 100 Continue\r\n\r\n"[at : at + 1] for at in itertools.cycle(range(25)))
    with serving(lambda: parts) as port:
        assert isinstance(failure(client, port), httpx.ReadTimeout)


def test_server_that_does_not_read_ends_the_request_at_the_deadline(client: httpx.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        error = failure(client, port, method="POST", content=bytes(30_000_000))
    assert isinstance(error, httpx.WriteTimeout)


def test_addresses_of_a_name_share_the_time(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first address has no place for a connection and hangs, the second one answers."""
    resolve = socket.getaddrinfo

    def resolve_two(host: str, *more: Any, **named: Any) -> Any:
        names = ["127.0.0.2", "127.0.0.1"] if host == "two.invalid" else [host]
        return [row for name in names for row in resolve(name, *more, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve_two)
    with serving(partial(whole, 200, b"ok")) as port, full_server("127.0.0.2", port):
        began = time.monotonic()
        with bounded_http.limited(seconds=2 * SECONDS):
            assert client.get(f"http://two.invalid:{port}/").text == "ok"
        assert time.monotonic() - began >= SECONDS * 0.9
    with full_server("127.0.0.1") as port:
        assert isinstance(failure(client, port), httpx.ConnectTimeout)


@contextmanager
def full_server(address: str, port: int = 0) -> Iterator[int]:
    """The port of a server whose queue of connections is full: the next one waits."""
    with socket.create_server((address, port), backlog=0) as listener, ExitStack() as waiting:
        for _ in range(4):
            each = waiting.enter_context(socket.socket())
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])


def test_name_that_is_not_resolved_ends_the_request_at_the_deadline(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(3))
    assert isinstance(failure(client, 9), httpx.ConnectTimeout)


@pytest.mark.parametrize("host", ["nowhere.invalid", f"{'a' * 70}.invalid"])
def test_unknown_name_is_a_failed_connection(client: httpx.Client, host: str) -> None:
    with pytest.raises(httpx.ConnectError):
        client.get(f"http://{host}/")


def test_requests_of_one_call_share_its_time(client: httpx.Client) -> None:
    began = time.monotonic()
    with bounded_http.limited(seconds=2 * SECONDS), bounded_http.limited(seconds=60):
        with faulty_server("hanging") as port, bounded_http.limited(seconds=SECONDS):
            for _ in range(3):
                with pytest.raises(httpx.TimeoutException):
                    client.get(f"http://127.0.0.1:{port}/")
        assert time.monotonic() - began < SECONDS + 1
        with serving(partial(whole, 200, b"ok")) as port:
            assert client.get(f"http://127.0.0.1:{port}/").text == "ok"


def test_response_of_more_bytes_than_the_limit_is_an_error(client: httpx.Client) -> None:
    with serving(partial(whole, 200, b"x" * 100)) as port:
        url = f"http://127.0.0.1:{port}/"
        with bounded_http.limited(seconds=5, max_bytes=100):
            assert client.get(url).content == b"x" * 100
        with bounded_http.limited(seconds=5, max_bytes=99), pytest.raises(bounded_http.ResponseTooLarge):
            client.get(url)
    with faulty_server("oversized") as port, pytest.raises(bounded_http.ResponseTooLarge):
        client.get(f"http://127.0.0.1:{port}/")


def test_coded_response_is_an_error_because_its_size_is_unknown(client: httpx.Client) -> None:
    body = gzip.compress(bytes(10_000_000))
    coded = partial(whole, 200, body, b"content-encoding: gzip\r\n")
    with serving(coded) as port, pytest.raises(httpx.DecodingError):
        client.get(f"http://127.0.0.1:{port}/")
    assert client.headers["Accept-Encoding"] == "identity"


def test_truncated_response_is_an_error(client: httpx.Client) -> None:
    with faulty_server("truncated") as port:
        assert isinstance(failure(client, port), httpx.RemoteProtocolError)


def test_endless_headers_are_an_error(client: httpx.Client) -> None:
    parts = itertools.chain([HEAD % 200], itertools.repeat(b"X-More: 1\r\n" * 1000))
    with serving(lambda: parts) as port:
        assert isinstance(failure(client, port), httpx.RemoteProtocolError)


@pytest.mark.django_db(transaction=True)
def test_connection_is_used_again(
    client: httpx.Client, supabase: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, made = socket.create_connection, []
    monkeypatch.setattr(socket, "create_connection", lambda *a, **b: made.append(a) or connect(*a, **b))
    for _ in range(3):
        assert client.get(f"{supabase.url}/auth/v1/.well-known/jwks.json").status_code == 200
    assert len(made) == 1


@pytest.mark.parametrize("scheme", ["http://", ""])  # libcurl's rule: without a scheme, it is http
@pytest.mark.parametrize("fault", ["dripping headers", "500"])
def test_proxy_of_the_environment_is_used_within_the_deadline(
    monkeypatch: pytest.MonkeyPatch, fault: str, scheme: str
) -> None:
    with faulty_server(fault) as port:
        monkeypatch.setenv("http_proxy", f"{scheme}user:secret@127.0.0.1:{port}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        began = time.monotonic()
        with bounded_http.client() as client, bounded_http.limited(seconds=SECONDS):
            if fault == "500":
                assert client.get("http://nowhere.invalid/").status_code == 500
                with pytest.raises(httpx.ConnectError):
                    client.get("http://127.0.0.1:9/")
            else:
                with pytest.raises(httpx.ReadTimeout):
                    client.get("http://nowhere.invalid/")
        assert time.monotonic() - began < SECONDS + 1


def test_tls_handshake_ends_at_the_deadline(client: httpx.Client) -> None:
    with serving(partial(dripping, b"\x16\x03\x03\x3f\xff")) as port:
        began = time.monotonic()
        with pytest.raises(httpx.ConnectTimeout), bounded_http.limited(seconds=SECONDS):
            client.get(f"https://127.0.0.1:{port}/")
        assert time.monotonic() - began < SECONDS + 1
