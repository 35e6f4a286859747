"""Requests that are answered before their body is read: who sends all of it still gets the answer."""

import socket
from typing import Any

import pytest

from accounts.rest.parsers import MAX_FORM_BYTES
from tests.fixtures.deployment import Deployment
from tests.fixtures.people import VOICE
from tests.fixtures.processes import needs_proc
from tests.fixtures.raw_requests import answer as read_answer
from tests.fixtures.raw_requests import head
from tests.fixtures.sites import PATIENCE, Running

pytestmark = [pytest.mark.lifecycle, needs_proc]
BODY = b"x" * MAX_FORM_BYTES  # as large as nginx passes on
REFUSED = [
    ("POST", "/accounts/login/", "application/json", 413),
    ("POST", VOICE, "application/json", 413),
    ("POST", VOICE, "text/csv", 415),
    ("POST", "/accounts/users/", "application/json", 405),
    ("POST", "/absent/", "application/json", 404),
    ("POST", "/admin/login/", "multipart/form-data; boundary=b", 413),
]


@pytest.mark.parametrize(("method", "path", "content_type", "status"), REFUSED)
@pytest.mark.parametrize("connection_header", ["close", "keep-alive"])
def test_a_client_that_sends_the_whole_body_gets_the_answer(
    running_site: Running,
    deployment: Deployment,
    connection_header: str,
    method: str,
    path: str,
    content_type: str,
    status: int,
) -> None:
    token: Any = running_site.sign_in("ana@example.com")["access_token"]
    lines = (f"Content-Length: {len(BODY)}", f"Connection: {connection_header}")
    with socket.create_connection(("127.0.0.1", deployment.app_port), timeout=PATIENCE) as connection:
        connection.sendall(head(method, path, content_type, token, *lines))
        connection.sendall(BODY)  # nginx too may read nothing before it has sent everything
        assert read_answer(connection)[0] == status


def test_a_chunked_body_is_refused_and_not_read_as_an_empty_one(
    running_site: Running, deployment: Deployment
) -> None:
    token: Any = running_site.sign_in("ana@example.com")["access_token"]
    sent = head("PATCH", "/accounts/users/me/", "application/json", token, "Transfer-Encoding: chunked")
    with socket.create_connection(("127.0.0.1", deployment.app_port), timeout=PATIENCE) as connection:
        connection.sendall(sent + b'f\r\n{"city":"Rome"}\r\n0\r\n\r\n')
        status, body, _ = read_answer(connection)
    assert (status, body["code"]) == (400, "bad_request")
