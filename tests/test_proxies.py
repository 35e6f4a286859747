"""Headers of proxies are trusted only if TRUSTED_PROXY_COUNT is set, also from this machine."""

import io
import socket
import ssl
import subprocess
import sys
import time
from typing import Any

import httpx
import pytest
from django.test import override_settings

from linguaflex.handlers import AsyncWebRequest, WebRequest
from tests.fixtures.environments import HOSTED, ROOT
from tests.fixtures.sites import free_port

CLAIMS = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Host": "evil.example.com",
    "X-Forwarded-Port": "1",
    "Forwarded": "for=203.0.113.9;proto=https;host=evil.example.com",
    "Sb-Forwarded-For": "203.0.113.9",
    "X-Real-IP": "203.0.113.9",
}
SCHEME_CLAIMS = [
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Protocol": "ssl"},
    {"X-Forwarded-Ssl": "on"},
    {"X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"},
    {"Forwarded": "proto=https"},
    {"X-Forwarded-Scheme": "https"},
]
SERVERS = {
    "gunicorn": ["gunicorn", "linguaflex.wsgi", "--bind", "127.0.0.1:{port}"],
    "uvicorn": ["uvicorn", "linguaflex.asgi:application", "--port", "{port}", "--lifespan", "off"],
}


def wsgi(scheme: str, headers: dict[str, str], **environ: Any) -> WebRequest:
    """A WSGI request from this machine, with the scheme and the ``environ`` that the server has set."""
    given = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    plain = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(),
    }
    server = {"SERVER_NAME": "a", "SERVER_PORT": "80", "wsgi.url_scheme": scheme}
    return WebRequest(plain | server | given | environ)


def asgi(scheme: str, headers: dict[str, str], client: str = "127.0.0.1") -> AsyncWebRequest:
    """An ASGI request, with the scheme and client that the server has set."""
    given = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "query_string": b""}
    return AsyncWebRequest(scope | {"headers": given, "scheme": scheme, "client": (client, 9)}, None)


@pytest.mark.parametrize("claim", SCHEME_CLAIMS[:4], ids=str)
@pytest.mark.parametrize("make", [wsgi, asgi])
def test_the_scheme_of_a_header_is_not_trusted(make: Any, claim: dict[str, str]) -> None:
    assert make("https", claim).scheme == "http"
    assert make("https", {}).scheme == "https"  # the server's own TLS
    with override_settings(TRUSTED_PROXY_COUNT=1):
        assert make("https", claim).scheme == "https"


def test_the_scheme_of_gunicorns_own_tls_stays() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with context.wrap_socket(socket.socket(), server_hostname="a") as own:
        assert wsgi("https", CLAIMS, **{"gunicorn.socket": own}).scheme == "https"
    with socket.socket() as plain:
        assert wsgi("https", CLAIMS, **{"gunicorn.socket": plain}).scheme == "http"


@pytest.mark.parametrize("make", [wsgi, asgi])
def test_no_header_of_a_proxy_reaches_the_application(make: Any) -> None:
    request = make("http", CLAIMS)
    assert not [name for name in request.META if "FORWARDED" in name or "REAL_IP" in name]
    with override_settings(TRUSTED_PROXY_COUNT=1):
        assert make("http", CLAIMS).headers["X-Forwarded-For"] == "203.0.113.9"


def test_a_client_address_from_a_header_is_not_trusted() -> None:
    assert asgi("http", CLAIMS, client="203.0.113.9").META["REMOTE_ADDR"] == "0.0.0.0"
    assert asgi("http", {}, client="203.0.113.9").META["REMOTE_ADDR"] == "203.0.113.9"
    assert wsgi("http", CLAIMS).META["REMOTE_ADDR"] == "127.0.0.1"


@pytest.mark.parametrize("count", [0, 1])
@pytest.mark.parametrize("make", [wsgi, asgi])
def test_the_host_of_a_header_is_never_used(make: Any, count: int) -> None:
    with override_settings(TRUSTED_PROXY_COUNT=count, ALLOWED_HOSTS=["*"]):
        assert make("http", CLAIMS | {"Host": "api.example.com"}).get_host() == "api.example.com"


def answer(port: int, headers: dict[str, str]) -> httpx.Response:
    """The answer to a request over plain HTTP; waits for the server."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/", headers={"Host": "api.example.com"} | headers)
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.parametrize("count", ["0", "1"])
@pytest.mark.parametrize("server", SERVERS)
def test_a_server_on_this_machine_redirects_plain_http_unless_its_proxy_is_trusted(
    server: str, count: str
) -> None:
    port = free_port()
    command = [part.format(port=port) for part in SERVERS[server]]
    variables = HOSTED | {"ALLOWED_HOSTS": "api.example.com", "TRUSTED_PROXY_COUNT": count}
    output = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=variables, **output) as process:
        try:
            assert answer(port, {}).status_code == 301
            expected = 301 if count == "0" else 200
            assert answer(port, {"X-Forwarded-Proto": "https"}).status_code == expected
            for claim in SCHEME_CLAIMS if count == "0" else []:
                assert answer(port, claim).status_code == 301, claim
        finally:
            process.terminate()
