"""A page of another origin in a real browser runs the documentation's fetch calls."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from django.core.signals import request_started

from linguaflex.local import demo
from tests.fixtures.browser import EVIL, PATIENCE, browser_page
from tests.fixtures.documentation import SERVER, examples
from tests.fixtures.people import VOICE

pytestmark = pytest.mark.django_db(transaction=True)

SIGN_IN, SAVE, LIST = "Start", "Save a conversation", "Lists"
PREFLIGHT = ("HTTP_ACCESS_CONTROL_REQUEST_METHOD", "HTTP_ACCESS_CONTROL_REQUEST_HEADERS")


@dataclass
class Call:
    """A request that the API received. The last two fields are empty unless it is a preflight."""

    method: str
    path: str
    origin: str
    asked_method: str
    asked_headers: set[str]


@dataclass
class Api:
    """The running API and the requests that it received."""

    url: str
    calls: list[Call] = field(default_factory=list)

    def note(self, environ: dict[str, Any], **_: Any) -> None:
        """Records a request. Playwright does not report preflights, so the server records them."""
        asked_method, asked_headers = (environ.get(name, "") for name in PREFLIGHT)
        self.calls.append(
            Call(
                environ["REQUEST_METHOD"],
                environ["PATH_INFO"],
                environ.get("HTTP_ORIGIN", ""),
                asked_method,
                {name for name in asked_headers.split(",") if name},
            )
        )

    def methods(self, origin: str) -> list[str]:
        """The methods of a page's requests to the voice list, in order."""
        return [call.method for call in self.calls if (call.origin, call.path) == (origin, VOICE)]

    def rows(self) -> list[dict[str, Any]]:
        """The demo learner's conversations."""
        account = {"email": "ana@example.com", "password": demo.PASSWORD}
        login = requests.post(f"{self.url}/accounts/login/", json=account, timeout=PATIENCE).json()
        headers = {"Authorization": f"Bearer {login['access_token']}"}
        answer = requests.get(self.url + VOICE, headers=headers, timeout=PATIENCE)
        assert answer.status_code == 200
        return list(answer.json())


@pytest.fixture
def api(demo_url: str) -> Iterator[Api]:
    """The API with the demo users.

    Playwright keeps an event loop in the test's thread, where Django refuses its database: tests
    read over HTTP.
    """
    running = Api(demo_url)
    request_started.connect(running.note, weak=False)
    yield running
    request_started.disconnect(running.note)


class Page(BaseHTTPRequestHandler):
    """An empty page at every address."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A page of another origin</title>")

    def log_message(self, *_: Any) -> None:
        """Logs nothing."""


@pytest.fixture
def page_port() -> Iterator[int]:
    """The port of a web server that is not the API's."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def fetch_of(title: str, api: Api) -> str:
    """The fetch call under a heading of the documentation, with the test server's address."""
    found = [example for example in examples() if example.title == title]
    return found[0].fetch.replace(SERVER, api.url)


def test_a_page_of_another_origin_saves_a_conversation(api: Api, page_port: int) -> None:
    before = api.rows()
    origin = f"http://localhost:{page_port}"
    script = f"{fetch_of(SIGN_IN, api)}\n{fetch_of(SAVE, api)}"
    with browser_page(f"{origin}/") as page:
        assert page.evaluate("location.origin") == origin
        status, saved = page.evaluate(f"async () => {{ {script}\nreturn [response.status, conversation]; }}")
    assert status == 201
    assert saved["topic"] == "At the market"
    assert api.rows() == [saved, *before]
    assert api.methods(origin) == ["OPTIONS", "POST"]
    (preflight,) = [call for call in api.calls if (call.method, call.path) == ("OPTIONS", VOICE)]
    assert preflight.asked_method == "POST"
    assert preflight.asked_headers == {"authorization", "content-type"}


def test_a_page_of_another_origin_reads_the_link_header(api: Api, page_port: int) -> None:
    ids = [row["id"] for row in api.rows()]
    script = f"{fetch_of(SIGN_IN, api)}\n{fetch_of(LIST, api)}"
    with browser_page(f"http://127.0.0.1:{page_port}/") as page:
        rows, following = page.evaluate(
            f"async () => {{ {script}\n"
            "const more = await fetch(next, { headers });\n"
            "return [rows, await more.json()]; }"
        )
    assert [row["id"] for row in rows] == ids[:2]
    assert [row["id"] for row in following] == ids[2:]


def test_a_page_of_a_forbidden_origin_saves_nothing(api: Api, page_port: int) -> None:
    before = api.rows()
    origin = f"http://{EVIL}:{page_port}"
    constants = (
        f'const API = "{api.url}{VOICE}".replace(/[/]$/, "");'
        'const headers = { Authorization: "Bearer a.b.c", "Content-Type": "application/json" };'
    )
    with browser_page(f"{origin}/") as page:
        assert page.evaluate("location.origin") == origin
        refused = page.evaluate(
            f"async () => {{ try {{ {constants}\n{fetch_of(SAVE, api)}\n"
            "return response.status; } catch (error) { return error.name; } }"
        )
    assert refused == "TypeError"  # raised by fetch if the browser blocks the response
    assert api.methods(origin) == ["OPTIONS"]
    assert api.rows() == before


def test_the_preflight_of_a_forbidden_origin_is_refused(api: Api) -> None:
    allowed = {"http://localhost:3000": True, f"http://{EVIL}": False, "null": False}
    for origin, is_allowed in allowed.items():
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = requests.options(api.url + VOICE, headers=asked, timeout=PATIENCE)
        assert ("Access-Control-Allow-Origin" in answer.headers) == is_allowed, origin
