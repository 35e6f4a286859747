"""Hostile requests on kept connections of a running server: no 5xx, no HTML, no slow answer.

LINGUAFLEX_FUZZ_REQUESTS is their number.
"""

import json
import os
from collections import Counter
from collections.abc import Mapping
from itertools import islice
from typing import Any

import pytest

from tests.fixtures.declared import undeclared
from tests.fixtures.hostile_requests import Hostile, hostile_requests
from tests.fixtures.processes import needs_proc
from tests.fixtures.raw_http import Answer, RawClient
from tests.fixtures.sites import Running

pytestmark = [pytest.mark.lifecycle, needs_proc]
REQUESTS = int(os.environ.get("LINGUAFLEX_FUZZ_REQUESTS", "1500"))
SEED = 1
SLOW = 2.0  # seconds
PEOPLE = ("ana@example.com", "tomas@example.com")
LISTS = {
    "/accounts/cards/": "id",
    "/accounts/gigs/": "id",
    "/accounts/supabase/chats/": "id",
    "/accounts/teachers/": "id",
    "/accounts/users/": "id",
    "/accounts/voice-conversations/": "id",
}


@pytest.fixture
def sessions(fuzzed_site: Running) -> list[dict[str, Any]]:
    return [fuzzed_site.sign_in(email) for email in PEOPLE]


def rows(site: Running, sessions: list[dict[str, Any]]) -> Mapping[str, list[str]]:
    """The ids that the two people see, by the path of their list."""
    return {
        path: [
            str(row[key])
            for session in sessions
            for row in site.get(path.removeprefix("/accounts/"), session)[:5]
        ]
        for path, key in LISTS.items()
    }


def fault(request: Hostile, answer: Answer) -> str:
    """What is wrong with the answer; "" if nothing is."""
    if "html" in answer.media_type or answer.body.lstrip().startswith(b"<"):
        return "HTML"
    if answer.status < 500:
        return ""
    path = request.target.decode("latin-1").partition("?")[0]
    code = json.loads(answer.body)["code"] if "json" in answer.media_type else ""
    is_documented = answer.status == 503 and code and not undeclared(request.method, path, 503, code)
    return "" if is_documented else "5xx"


def test_no_request_causes_a_5xx_html_or_a_slow_answer(
    fuzzed_site: Running, sessions: list[dict[str, Any]], capsys: Any
) -> None:
    port = fuzzed_site.site.api_port
    tokens = [session["access_token"] for session in sessions]
    requests = hostile_requests(SEED, f"127.0.0.1:{port}", tokens, rows(fuzzed_site, sessions))
    client, statuses, slowest = RawClient(port), Counter[int](), 0.0
    faults: dict[str, list[str]] = {"5xx": [], "HTML": [], "slow": []}
    for request in islice(requests, REQUESTS):
        answer = client.send(request.sent, request.method)
        statuses[answer.status] += 1
        slowest = max(slowest, answer.seconds)
        if found := fault(request, answer):
            faults[found].append(f"{request}: {answer}")
        if answer.seconds > SLOW:
            faults["slow"].append(f"{request}: {answer.seconds:.1f} s")
    client.close()
    with capsys.disabled():
        counts = ", ".join(f"{len(faults[name])} {name}" for name in ("5xx", "HTML"))
        print(f"\n{REQUESTS} requests: {counts}, slowest {slowest * 1000:.0f} ms")
        print("Statuses: " + ", ".join(f"{number} x {status}" for status, number in sorted(statuses.items())))
    assert not any(faults.values()), "\n".join(each for found in faults.values() for each in found[:5])
    assert client.connections < REQUESTS / 20
    assert statuses[200] > REQUESTS / 10, "the requests reach no endpoint"
