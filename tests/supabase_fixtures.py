"""The Supabase stand-in over HTTP, for the tests of its contract.

Builds on the session fixture ``supabase``: anything with ``url``, ``keys`` and ``connect``.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from django.conf import settings
from psycopg2.extensions import connection as Connection

from linguaflex.local.supabase import server
from linguaflex.local.supabase.config import Config
from linguaflex.local.supabase.keys import Keys

Connect = Callable[[], Connection]

NO_FILES = "delete from storage.objects; delete from storage.buckets"
EMPTY = f"""delete from auth.users; delete from auth.flow_state; delete from standin.mails;
    delete from realtime.messages; {NO_FILES}"""
# One client for all: making its TLS context takes longer than a request.
CLIENT = httpx.Client(timeout=20)
SITE_URL = "http://127.0.0.1:3000"
STORAGE_DIR = settings.LINGUAFLEX_DATA_DIR / "storage"


@dataclass(frozen=True)
class AuthApi:
    """A running stand-in; ``connect`` opens a connection to its database."""

    url: str
    keys: Keys
    connect: Connect

    def call(
        self, method: str, path: str, body: Any = None, *, token: str = "", **headers: str
    ) -> httpx.Response:
        """A request below /auth/v1 with the publishable key; ``headers`` write - as _."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named = {"apikey": self.keys.publishable_key, "x-supabase-api-version": "2024-01-01"} | named
        if token:
            named["authorization"] = f"Bearer {token}"
        url = f"{self.url}/auth/v1{path}"
        content = json.dumps(body).encode() if body is not None else None
        return CLIENT.request(method, url, headers=named, content=content)

    def admin(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A request with the secret key."""
        return self.call(method, path, body, apikey=self.keys.secret_key)

    def sign_up(self, email: str = "ana@example.com", **data: Any) -> dict[str, Any]:
        """A new account, password "secret1": its session, or the user who has to confirm."""
        body = {"email": email, "password": "secret1", "data": data}
        answer = self.call("POST", "/signup", body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def sign_in(self, email: str = "ana@example.com", password: str = "secret1") -> httpx.Response:
        """A sign-in by password."""
        body = {"email": email, "password": password}
        return self.call("POST", "/token?grant_type=password", body)

    def refresh(self, refresh_token: str) -> httpx.Response:
        """A refresh."""
        body = {"refresh_token": refresh_token}
        return self.call("POST", "/token?grant_type=refresh_token", body)

    def mails(self) -> list[dict[str, str]]:
        """The outbox, newest first."""
        return list(CLIENT.get(f"{self.url}/outbox.json").json())

    def sql(self, statement: str, *params: Any) -> list[tuple[Any, ...]]:
        """Runs and commits one statement; the rows, if it has any."""
        connection = self.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, params or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and error code of an answer."""
    return answer.status_code, answer.json()["code"]


@contextmanager
def serve(connect: Connect, keys: Keys, **options: Any) -> Iterator[AuthApi]:
    """A stand-in on a free port; ``options`` are those of its Config."""
    sock = server.bind(0)
    url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    # Nothing stays open between calls, so that the test database can be dropped.
    defaults = {"load_keys": lambda: keys, "site_url": SITE_URL, "max_idle": 4, "print_mails": False}
    defaults["storage_dir"] = STORAGE_DIR
    stand_in = server.StandIn(Config(url=url, connect=connect, **defaults | options))
    stand_in.start(sock)
    try:
        yield AuthApi(url, keys, connect)
    finally:
        stand_in.stop()


@pytest.fixture(scope="session")
def auth(supabase: Any) -> AuthApi:
    """The stand-in of all tests, which confirms addresses at once."""
    return AuthApi(supabase.url, supabase.keys, supabase.connect)


@pytest.fixture(scope="session")
def confirming_auth(auth: AuthApi) -> Iterator[AuthApi]:
    """A second stand-in over the same database that asks new addresses to confirm."""
    patterns = ("https://app.example.com/*", "http://localhost:*/**", "myapp://callback/**")
    options = {"confirm_email": True, "redirect_patterns": patterns}
    with serve(auth.connect, auth.keys, **options) as running:
        yield running


@pytest.fixture
def no_accounts(db: None, auth: AuthApi) -> Iterator[None]:
    """No account, session, code, mail or file is left after the test; Django's own tables stay.

    ``db`` tells pytest-django to make the test database. Pictures of other tests have made a bucket.
    """
    auth.sql(NO_FILES)
    yield
    auth.sql(EMPTY)
