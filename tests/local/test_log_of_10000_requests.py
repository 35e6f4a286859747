"""10,000 requests to the documented gunicorn: a JSON line for each, and nothing that the clients sent."""

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.deployment import Deployment
from tests.fixtures.logs import SECRETS
from tests.fixtures.people import CONVERSATION, VOICE
from tests.fixtures.processes import needs_proc
from tests.fixtures.sites import PATIENCE, Running

pytestmark = [pytest.mark.lifecycle, needs_proc]
CLIENTS, EACH = 8, 1_250
EMAIL, SECRET = "canary@example.com", "canary-of-a-client"
Call = tuple[str, str, dict[str, str], Any]  # method, path, headers, body


@pytest.fixture
def server(running_site: Running, sites_folder: Path) -> Iterator[Deployment]:
    """gunicorn beside the running site, with the log of production. It trusts no proxy."""
    folder = sites_folder / "log"
    folder.mkdir()
    deployment = Deployment.of(running_site.site, folder)
    with deployment.gunicorn(LOG_FORMAT="json", TRUSTED_PROXY_COUNT="0"):
        yield deployment


def calls(token: str) -> list[Call]:
    """Requests of all kinds, with texts that no line may contain."""
    caller = {"Authorization": f"Bearer {token}"}
    account = {"email": EMAIL, "password": SECRET}
    ordinary: list[Call] = [
        ("GET", f"/health/?secret={SECRET}", {"X-Forwarded-For": "203.0.113.77"}, None),
        ("GET", f"{VOICE}?limit=2&search={SECRET}", caller, None),
        ("GET", "/accounts/users/me/", caller, None),
        ("GET", "/accounts/users/me/", {"Authorization": f"Bearer {SECRET}.{SECRET}.{SECRET}"}, None),
        ("GET", f"/{SECRET}/{EMAIL}/", {}, None),
        ("GET", "/health/", {"Host": f"{SECRET}.example", "User-Agent": SECRET}, None),
        ("GET", "/health/", {"X-Request-ID": SECRET, "Referer": f"http://{SECRET}/", "Cookie": SECRET}, None),
    ]
    rare: list[Call] = [
        ("POST", "/accounts/login/", {}, {**account, SECRET: SECRET}),
        ("POST", VOICE, caller, {**CONVERSATION, "topic": SECRET}),
        ("POST", VOICE, caller, {**CONVERSATION, "duration_minutes": SECRET}),
    ]
    return [*ordinary * 14, *rare[1:], *ordinary * 14, *rare]


def send(server: Deployment, requests: list[Call]) -> list[str]:
    """Sends requests over one connection. Returns the ids of the responses."""
    ids = []
    connection = http.client.HTTPConnection("127.0.0.1", server.app_port, timeout=PATIENCE)
    for method, path, headers, body in requests:
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        answer.read()
        assert answer.status < 500, (method, path, answer.status)
        ids.append(str(answer.headers["X-Request-ID"]))
    connection.close()
    return ids


def test_every_request_has_a_line_without_a_secret(running_site: Running, server: Deployment) -> None:
    token = running_site.sign_in("ana@example.com")["access_token"]
    with ThreadPoolExecutor(CLIENTS) as clients:
        requests = list(islice(cycle(calls(token)), EACH))
        ids = [
            name for part in clients.map(lambda _: send(server, requests), range(CLIENTS)) for name in part
        ]
    text = (server.folder / "output").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    requests_of_test = [
        line for line in lines if line["logger"] == "linguaflex.requests" and line["route"] != "/ready/"
    ]
    assert len(requests_of_test) == len(set(ids)) == CLIENTS * EACH
    assert {line["request_id"] for line in requests_of_test} == set(ids)
    assert {line["status"] for line in requests_of_test} >= {200, 201, 400, 401, 404}
    assert sum(line["user_id"] is not None for line in requests_of_test) > EACH
    for secret in (SECRET, EMAIL, token, "ana@example.com", "203.0.113.77", "127.0.0.1", "canary"):
        assert secret not in text.replace(f"http://127.0.0.1:{server.app_port}", ""), secret
    assert SECRETS.findall(text) == []
