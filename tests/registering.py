"""Accounts over the API: the calls that tests of registration and of passwords share."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import requests
from django.conf import settings

from tests.conftest import client_of

BASE = "/accounts/"
NEW = {"email": "Ada@Example.com", "password": "correct horse", "name": "Ada"}


def register(anyone: Any, **changes: Any) -> dict[str, Any]:
    response = anyone.post(f"{BASE}register/", {**NEW, **changes})
    assert response.status_code == 201, response.content
    return response.json()


def login(anyone: Any, password: str = NEW["password"]) -> Any:
    return anyone.post(f"{BASE}login/", {"email": NEW["email"], "password": password})


def me(token: str) -> int:
    return int(client_of(token).get(f"{BASE}users/me/").status_code)


def outbox() -> list[dict[str, Any]]:
    return requests.get(f"{settings.SUPABASE_URL}/outbox.json", timeout=5).json()


def update_account(supabase: Any, token: str, **attributes: Any) -> None:
    """Changes an account the way supabase-js does."""
    headers = {"apikey": supabase.keys.publishable_key, "authorization": f"Bearer {token}"}
    answer = requests.put(f"{supabase.url}/auth/v1/user", json=attributes, headers=headers, timeout=5)
    assert answer.status_code == 200, answer.text


def recovery_mail(anyone: Any) -> dict[str, Any]:
    response = anyone.post(f"{BASE}password-reset/", {"email": NEW["email"]})
    assert (response.status_code, response.content) == (202, b"")
    return outbox()[0]


class Failing(BaseHTTPRequestHandler):
    """Answers every call with one failure; keeps the headers it was sent."""

    status: int
    body: bytes
    seen: list[Any]

    def do_POST(self) -> None:
        self.seen.append(self.headers)
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(self.status)
        self.send_header("x-supabase-api-version", "2024-01-01")
        self.send_header("content-length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *args: Any) -> None:
        """Silence."""


@contextmanager
def failing_supabase(settings: Any, status: int, code: str) -> Iterator[list[Any]]:
    """A Supabase that answers everything with this failure; the headers of the calls it gets."""
    seen: list[Any] = []
    answer = {"status": status, "body": json.dumps({"code": code, "message": "No."}).encode(), "seen": seen}
    with HTTPServer(("127.0.0.1", 0), type("Handler", (Failing,), answer)) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        settings.SUPABASE_URL = f"http://127.0.0.1:{server.server_port}"
        yield seen
        server.shutdown()
