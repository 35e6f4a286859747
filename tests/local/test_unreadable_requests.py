"""gunicorn, alone and behind deploy/nginx.conf: requests that they cannot read, and answers to HEAD."""

import contextlib
import http.client
import json
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

import pytest
import requests

from linguaflex import policies
from linguaflex.local.services import is_listening
from tests.fixtures.nginx import Nginx, process
from tests.fixtures.processes import needs_proc, wait_for
from tests.fixtures.programs import ROOT
from tests.fixtures.sites import FEW_SECONDS, PATIENCE, free_port

pytestmark = [pytest.mark.lifecycle, needs_proc]
APPLICATION = """
def application(environ, start_response):
    status, headers = "200 OK", [("Content-Type", "text/plain")]
    if environ["PATH_INFO"] == "/missing/":
        status = "404 Not Found"
    if environ["PATH_INFO"] != "/streamed/":
        headers.append(("Content-Length", "10"))
    start_response(status, headers)
    return iter([b"first", b"later"])
"""
PATHS = [b"/whole/", b"/streamed/", b"/missing/"]


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx in front of gunicorn with the gunicorn.conf.py of production and APPLICATION."""
    folder = tmp_path_factory.mktemp("unreadable")
    (folder / "small.py").write_text(APPLICATION)
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "small:application", "--bind", f"127.0.0.1:{port}"]
    options = ["--config", str(ROOT / "gunicorn.conf.py"), "--limit-request-field_size", "16384"]
    proxy = Nginx(folder, [port])
    environment = {"PYTHONPATH": f"{ROOT}:{folder}", "TMPDIR": str(folder)}
    arguments = [*command, *options, "--threads", "2", "--no-control-socket"]
    with process(arguments, folder, folder / "output", environment), proxy.running():
        assert wait_for(lambda: is_listening(port), PATIENCE), (folder / "output").read_text()
        yield proxy
    shutil.rmtree(folder)


GET = b"GET /whole/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
# What nginx or gunicorn cannot read, and the statuses of the two.
UNREADABLE = {
    "address of 5 KB": (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", {400, 414}),
    "address of 20 KB": (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", {414}),
    "header of 40 KB": (GET + b"X: " + b"a" * 40_000 + b"\r\n\r\n", {431}),
    "120 headers": (GET + b"".join(b"X%d: a\r\n" % number for number in range(120)) + b"\r\n", {431}),
    "unknown encoding": (GET + b"Transfer-Encoding: gzip\r\n\r\n", {400, 501}),
    "length that is no number": (GET + b"Content-Length: x\r\n\r\n", {400}),
    "no request": (b"garbage\r\n\r\n", {400}),
    "no HTTP version": (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", {400}),
}


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("behind_nginx", [True, False])
def test_an_unreadable_request_is_refused_in_the_form_of_the_api(
    proxy: Nginx, name: str, behind_nginx: bool
) -> None:
    request, statuses = UNREADABLE[name]
    (answer,) = answers_of(proxy.http_port if behind_nginx else proxy.applications[0], request)
    assert answer.status in statuses
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == policies.API
    assert set(json.loads(answer.body)) == {"detail", "code"}


@pytest.mark.parametrize("method", [b"TRACE", b"CONNECT"])
def test_a_method_that_nginx_refuses_gets_the_form_of_the_api(proxy: Nginx, method: bytes) -> None:
    (answer,) = answers_of(proxy.http_port, GET.replace(b"GET", method) + b"\r\n")
    assert answer.status in (400, 405)
    assert json.loads(answer.body)["code"] in ("bad_request", "method_not_allowed")


def test_addresses_of_the_errors_of_nginx_are_not_public(proxy: Nginx) -> None:
    answer = requests.get(f"{proxy.url}/nginx-errors/method", timeout=FEW_SECONDS)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("behind_nginx", [True, False])
def test_a_connection_stays_in_step_after_head(proxy: Nginx, behind_nginx: bool) -> None:
    port = proxy.http_port if behind_nginx else proxy.applications[0]
    ending = b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    sent = [method + b" " + path + ending for path in PATHS for method in (b"HEAD", b"GET")]
    answers = answers_of(port, *sent)
    assert [answer.status for answer in answers[::2]] == [200, 200, 404]
    for head, got in zip(answers[::2], answers[1::2], strict=True):
        assert head.status == got.status and head.body == b"" and got.body == b"firstlater"
        assert without_date(head) == without_date(got)


@dataclass
class Answer:
    """A response that was read from a connection."""

    status: int
    headers: Message
    body: bytes


def without_date(answer: Answer) -> set[tuple[str, str]]:
    """The headers of a response, without those that differ in each, and of a body alone."""
    differing = ("Date", "X-Request-ID", "Transfer-Encoding")
    return {(name, value) for name, value in answer.headers.items() if name not in differing}


def answers_of(port: int, *sent: bytes) -> list[Answer]:
    """The responses to requests, one after the other on one connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=FEW_SECONDS) as connection:
        found = []
        for request in sent:
            connection.sendall(request)
            response = http.client.HTTPResponse(connection, method=request.split(b" ")[0].decode())
            response.begin()
            found.append(Answer(response.status, response.headers, response.read()))
        connection.settimeout(0.1)
        with contextlib.suppress(TimeoutError):
            assert not connection.recv(1), "bytes after the last response"
    return found
