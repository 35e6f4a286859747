"""A Content-Type that Django cannot parse is refused like an unsupported one, over WSGI and ASGI."""

import io
from typing import Any

import pytest

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
