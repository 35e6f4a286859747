"""The documented fetch call, from a page of another origin in a real browser."""

import os
import re
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings

from accounts.models import VoiceConversation
from linguaflex.local import demo
from tests.conftest import VOICE, client_of

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: pip install -r requirements-dev.txt"
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PAGE = settings.BASE_DIR / "VOICE_CONVERSATION_API_DOCS.md"
SAVE = re.compile(r"^## Save a conversation.*?^```js\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt-get install chromium"),
]


class EmptyPage(BaseHTTPRequestHandler):
    """A page of another origin with nothing on it."""

    def do_GET(self) -> None:
        """The page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Another origin</title>")

    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def other_origin() -> Iterator[str]:
    """The address of a page that another server gives."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def in_browser(page_address: str, script: str) -> Any:
    """What ``script`` returns on the page."""
    # Playwright runs an event loop in this thread, and Django would refuse its database there.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with playwright.sync_playwright() as engine:
            browser = engine.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page()
            page.goto(page_address)
            result = page.evaluate(f"async () => {{ {script} }}")
            browser.close()
            return result
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def test_documented_fetch_saves_from_another_origin(
    clean_auth: None, supabase: Any, live_server: Any, other_origin: str
) -> None:
    demo.seed_if_empty()
    credentials = {"email": "ana@example.com", "password": demo.PASSWORD}
    token = client_of().post("/accounts/login/", credentials).json()["access_token"]
    documented = SAVE.search(PAGE.read_text())
    assert documented is not None
    result = in_browser(
        other_origin,
        f"""
        const api = "{live_server.url}/accounts", token = "{token}";
        const API = `${{api}}/voice-conversations`;
        const headers = {{ Authorization: `Bearer ${{token}}`, "Content-Type": "application/json" }};
        {documented[1]}
        const page = await fetch(`${{API}}/?limit=1&fields=id`, {{ headers }});
        return {{ status: response.status, conversation, link: page.headers.get("Link"),
                 origin: location.origin }};
        """,
    )
    assert result["status"] == 201
    assert result["origin"] not in live_server.url
    assert 'rel="next"' in result["link"]
    saved = VoiceConversation.objects.get(pk=result["conversation"]["id"])
    assert saved.user.email == "ana@example.com"
    assert saved.topic == result["conversation"]["topic"]


def test_page_of_a_foreign_origin_is_kept_out(
    clean_auth: None, supabase: Any, live_server: Any, other_origin: str, settings: Any
) -> None:
    settings.CORS_ALLOWED_ORIGIN_REGEXES = [r"^https://app\.example\.com$"]
    result = in_browser(
        other_origin,
        f"""try {{ await fetch("{live_server.url}{VOICE}", {{ headers: {{ Authorization: "Bearer x" }} }});
             return "let in"; }} catch (error) {{ return error.name; }}""",
    )
    assert result == "TypeError"
