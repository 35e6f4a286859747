"""A Content-Type that Django cannot parse is a 415, over WSGI and ASGI; HEAD has no body."""

import io
from typing import Any

import pytest
from django.test import RequestFactory

from linguaflex.handlers import AsyncWebHandler, WebHandler
from tests.fixtures.people import VOICE, Person

UNREADABLE = "application/json; a*=no''b"


@pytest.mark.parametrize(("content_type", "status"), [(UNREADABLE, 415), ("application/json", 400)])
def test_wsgi_refuses_an_unreadable_content_type(student: Person, content_type: str, status: int) -> None:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": VOICE,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(b"{}"),
        "wsgi.url_scheme": "http",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": "2",
        "HTTP_AUTHORIZATION": f"Bearer {student.token}",
    }
    handler = WebHandler()
    assert handler.get_response(handler.request_class(environ)).status_code == status


def test_asgi_refuses_an_unreadable_content_type() -> None:
    headers = [(b"content-type", UNREADABLE.encode()), (b"host", b"127.0.0.1")]
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/accounts/login/", "headers": headers}
    request, error = AsyncWebHandler().create_request({**scope, "query_string": b""}, io.BytesIO(b"{}"))
    assert error is None and request.content_type == "application/octet-stream"


@pytest.mark.parametrize("path", ["/health/", "/nowhere/", "/admin/login/"])
def test_the_server_gets_the_length_of_head_and_no_body_to_drop(path: str) -> None:
    answers = {}
    for method in ("HEAD", "GET"):
        environ = RequestFactory().generic(method, path).environ
        handler = WebHandler()
        answers[method] = handler.get_response(handler.request_class(environ))
    assert answers["HEAD"].content == b"" != answers["GET"].content
    assert answers["HEAD"]["Content-Length"] == answers["GET"]["Content-Length"]
