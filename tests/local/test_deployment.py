"""The documented deployment, gunicorn behind deploy/nginx.conf: slow clients, headers, limits and errors."""

import contextlib
import re
import select
import socket
import statistics
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
import requests

from accounts.rest.parsers import MAX_FORM_BYTES, MAX_JSON_BYTES
from linguaflex import policies
from linguaflex.local.services import is_listening
from linguaflex.response_headers import POLICY
from tests.fixtures.deployment import Deployment
from tests.fixtures.nginx import Nginx, process
from tests.fixtures.people import CONVERSATION, VOICE
from tests.fixtures.processes import needs_proc, wait_for
from tests.fixtures.raw_requests import answer as read_answer
from tests.fixtures.raw_requests import head
from tests.fixtures.sites import FEW_SECONDS, PATIENCE, Running, free_port
from tests.fixtures.slow_clients import BODY, HEAD, SlowClients

pytestmark = [pytest.mark.lifecycle, needs_proc]
SLOW = 400  # of each kind
REQUESTS = 200
PRIVATE = {"Cache-Control": "no-store", POLICY: policies.API}
PICTURE = "/accounts/users/me/profile-picture/"
JSON, FORM = "application/json", "multipart/form-data; boundary=b"
LARGE_BODIES = [
    ("POST", VOICE, JSON),
    ("PUT", PICTURE, FORM),
    ("POST", "/accounts/login/", JSON),
    ("POST", "/admin/login/", FORM),
]
HUGE = f"Content-Length: {10**12}"
MOST_BYTES = 100_000_000  # a client sends some megabytes while nginx answers
# nginx counts the chunks. The application refuses a body without a Content-Length.
ENDLESS = {"nginx": (413, "payload_too_large"), "gunicorn": (400, "bad_request")}


@pytest.fixture
def client(running_site: Running) -> Any:
    """A client with a session."""
    with requests.Session() as client:
        token = running_site.sign_in("ana@example.com")["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def test_800_slow_clients_do_not_delay_a_normal_one(deployment: Deployment, client: Any, capsys: Any) -> None:
    with SlowClients.sending(deployment.proxy.http_port, [HEAD, BODY] * SLOW):
        taken = seconds_of_requests(client, deployment.url + VOICE)
    p50, p99 = (statistics.quantiles(taken, n=100)[number - 1] for number in (50, 99))
    with capsys.disabled():
        print(f"\nBeside {SLOW} slow heads and {SLOW} slow bodies: p50 {p50:.3f} s, p99 {p99:.3f} s")
    assert p99 < 0.5


def seconds_of_requests(client: Any, url: str) -> list[float]:
    """How long each request takes: a list and a saved conversation, in turn."""
    taken = []
    for number in range(REQUESTS):
        begin = time.perf_counter()
        if number % 2:
            body = {**CONVERSATION, "client_id": str(uuid.uuid4())}
            answer = client.post(url, json=body, timeout=FEW_SECONDS)
        else:
            answer = client.get(url, params={"limit": 20}, timeout=FEW_SECONDS)
        taken.append(time.perf_counter() - begin)
        assert answer.status_code in (200, 201), answer.text
    return taken


def test_links_have_the_scheme_and_host_that_the_client_used(deployment: Deployment, client: Any) -> None:
    options: Any = {"verify": str(deployment.proxy.certificate), "timeout": FEW_SECONDS}
    claim = {"X-Forwarded-Proto": "ftp", "X-Forwarded-Host": "evil.example.com"}
    for url in (deployment.url, deployment.proxy.https_url):
        client.post(url + VOICE, json=CONVERSATION, **options)
        answer = client.get(url + VOICE, params={"limit": 1}, headers=claim, **options)
        assert answer.links["next"]["url"].startswith(f"{url}{VOICE}?")


def test_a_client_cannot_choose_the_address_that_is_throttled(deployment: Deployment) -> None:
    statuses = []
    for number in range(4):  # two are allowed
        account = {"email": f"nobody{number}@example.com"}
        headers = {"X-Forwarded-For": f"203.0.113.{number}"}
        url = f"{deployment.url}/accounts/password-reset/"
        statuses.append(requests.post(url, json=account, headers=headers, timeout=FEW_SECONDS).status_code)
    assert statuses == [202, 202, 429, 429]


def test_a_form_of_the_greatest_size_reaches_the_application(deployment: Deployment, client: Any) -> None:
    answer = client.put(deployment.url + PICTURE, **form(MAX_FORM_BYTES), timeout=FEW_SECONDS)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    answer = client.put(deployment.url + PICTURE, **form(MAX_FORM_BYTES + 1), timeout=FEW_SECONDS)
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    json = {**CONVERSATION, "topic": "a" * MAX_JSON_BYTES}
    answer = client.post(deployment.url + VOICE, json=json, timeout=FEW_SECONDS)
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
    assert "2,500,000 bytes" in answer.json()["detail"]


def form(size: int) -> dict[str, Any]:
    """The body and headers of a multipart form of ``size`` bytes, which contains no picture."""
    begin = b'--b\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\n'
    end = b"\r\n--b--\r\n"
    body = begin + b"x" * (size - len(begin) - len(end)) + end
    return {"data": body, "headers": {"Content-Type": "multipart/form-data; boundary=b"}}


def opened(deployment: Deployment, server: str) -> socket.socket:
    """A connection to nginx or, without it, to gunicorn."""
    port = deployment.proxy.http_port if server == "nginx" else deployment.app_port
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


@pytest.mark.parametrize("server", ENDLESS)
def test_a_large_content_length_is_refused_before_the_body_is_sent(
    running_site: Running, deployment: Deployment, capsys: Any, server: str
) -> None:
    token, slowest = running_site.sign_in("ana@example.com")["access_token"], 0.0
    for method, path, content_type in LARGE_BODIES:
        with opened(deployment, server) as connection:
            connection.sendall(head(method, path, content_type, token, HUGE))
            status, body, seconds = read_answer(connection)
        assert (status, body["code"]) == (413, "payload_too_large"), path
        slowest = max(slowest, seconds)
    with capsys.disabled():
        print(f"\n{server}: 413 without a byte of the body, slowest {slowest * 1000:.0f} ms")
    assert slowest < FEW_SECONDS


@pytest.mark.parametrize("server", ENDLESS)
def test_an_endless_body_in_chunks_is_answered_before_its_end(
    running_site: Running, deployment: Deployment, capsys: Any, server: str
) -> None:
    token = running_site.sign_in("ana@example.com")["access_token"]
    chunk, sent = b"10000\r\n" + b"x" * 0x10000 + b"\r\n", 0
    with opened(deployment, server) as connection:
        connection.sendall(head("POST", VOICE, JSON, token, "Transfer-Encoding: chunked"))
        with contextlib.suppress(OSError):  # gunicorn answers and closes the connection
            while sent < MOST_BYTES and not select.select([connection], [], [], 0.01)[0]:
                connection.sendall(chunk)
                sent += len(chunk)
        status, body, _ = read_answer(connection)
    with capsys.disabled():
        print(f"\n{server}: chunks are a {status} after {sent / 1e6:.1f} MB")
    assert (status, body["code"]) == ENDLESS[server]
    assert sent < MOST_BYTES


def test_a_token_of_more_than_8_kb_gets_the_answer_of_the_api(deployment: Deployment) -> None:
    headers = {"Authorization": "Bearer " + "a" * 9000}
    answer = requests.get(deployment.url + VOICE, headers=headers, timeout=FEW_SECONDS)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert "larger than 8 KB" in answer.json()["detail"]


def test_without_the_application_the_error_has_the_form_of_the_api(
    running_site: Running, sites_folder: Path
) -> None:
    folder = sites_folder / "alone"
    folder.mkdir()
    alone = Deployment.of(running_site.site, folder)
    with alone.proxy.running():
        answer = requests.get(f"{alone.url}/health/", timeout=FEW_SECONDS)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers.items() >= PRIVATE.items()


DYING_SERVER = """
import os, signal

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/csv")])
    yield b"row\\n" * 100
    if environ["PATH_INFO"] == "/killed/":
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_stream_of_a_killed_gunicorn_is_no_complete_response(sites_folder: Path) -> None:
    folder = sites_folder / "dying"
    folder.mkdir()
    (folder / "dying.py").write_text(DYING_SERVER)
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "dying:application", "--bind", f"127.0.0.1:{port}"]
    proxy = Nginx(folder, [port])
    with process([*command, "--no-control-socket"], folder, folder / "output", {}), proxy.running():
        assert wait_for(lambda: is_listening(port), PATIENCE)
        whole = requests.get(f"{proxy.url}/whole/", timeout=FEW_SECONDS)
        assert whole.content == b"row\n" * 100
        with pytest.raises(requests.RequestException):
            requests.get(f"{proxy.url}/killed/", timeout=FEW_SECONDS)


@pytest.mark.parametrize("path", ["/metrics/", "/health/worker/", "//metrics//", "/health/%77orker/"])
def test_addresses_for_operators_are_refused_from_outside(deployment: Deployment, path: str) -> None:
    answer = requests.get(deployment.url + path, timeout=FEW_SECONDS)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.headers.items() >= PRIVATE.items()
    assert requests.get(f"{deployment.url}/health/", timeout=FEW_SECONDS).status_code == 200


def test_a_response_has_one_vary_with_all_names(deployment: Deployment) -> None:
    headers = {"Accept-Encoding": "gzip", "Origin": "https://app.example.com"}
    answer = requests.get(deployment.url + VOICE, headers=headers, timeout=FEW_SECONDS)
    assert answer.raw.headers.getlist("Vary") == ["Authorization, origin"]
    assert answer.headers.items() >= PRIVATE.items()


def test_a_client_cannot_choose_the_id_of_its_request(deployment: Deployment) -> None:
    headers = {"X-Request-ID": "mine"}
    found = {
        requests.get(f"{deployment.url}/health/", headers=headers, timeout=FEW_SECONDS).headers[
            "X-Request-ID"
        ]
        for _ in range(2)
    }
    assert len(found) == 2 and all(re.fullmatch("[0-9a-f]{32}", each) for each in found)
