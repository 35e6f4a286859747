"""Limits under attack: 200 parallel requests to four workers, with forged addresses and a network."""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv6Network
from typing import Any

import pytest
import requests

from tests.fixtures import own_servers
from tests.fixtures.own_servers import OwnServer
from tests.fixtures.people import CHATS
from tests.fixtures.processes import needs_proc

pytestmark = [pytest.mark.lifecycle, needs_proc]
WORKERS, REQUESTS = 4, 200
LIMITS = {"LOGIN": 21, "REGISTRATION": 19, "MARKETPLACE": 30, "MESSAGES": 25, "REPORTS": 10}
NETWORK = IPv6Network("2001:db8:1:2::/64")
ADDRESS = "203.0.113.7"
# Headers in which other servers look for the client's address.
FORGED = ("X-Real-IP", "Forwarded", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP", "X-Forwarded-Host")
Send = Callable[[int], requests.Response]


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    limits = {f"THROTTLE_{scope}": f"{limit}/hour" for scope, limit in LIMITS.items()}
    with own_servers.running(WORKERS, PUBLIC_MARKETPLACE="1", **limits) as server:
        with ThreadPoolExecutor(8 * WORKERS) as pool:  # each worker fetches the signing keys once
            list(pool.map(lambda _: server.directly("GET", "/ready/", {}), range(16 * WORKERS)))
        yield server


def any_address() -> str:
    return ".".join(str(random.randrange(1, 255)) for _ in range(4))


def forged(hop: str | None = None) -> dict[str, str]:
    """Headers with other addresses at each request. ``hop`` is the entry of the trusted proxy, if any."""
    address = any_address()
    chain = [address, any_address(), *([hop] if hop else [])]
    return {"X-Forwarded-For": ", ".join(chain), **dict.fromkeys(FORGED, address)}


def of_network(number: int) -> str:
    """An address of NETWORK, in one of its spellings."""
    address = NETWORK[random.randrange(2**64)]
    return (str(address), address.exploded.upper(), f"[{address}]", f"[{address}]:{1024 + number}")[
        number % 4
    ]


def accepted(scope: str, send: Send, capsys: Any, what: str) -> Counter[int]:
    """Sends REQUESTS at once. Asserts that as many are accepted as the limit allows; returns the statuses."""
    with ThreadPoolExecutor(REQUESTS) as pool:
        responses = list(pool.map(send, range(REQUESTS)))
    statuses = Counter(response.status_code for response in responses)
    passed = REQUESTS - statuses[429]
    with capsys.disabled():
        print(
            f"\n{scope.lower()} {what}: {REQUESTS} requests, {passed} accepted, the limit is {LIMITS[scope]}"
        )
    errors = [response.text for response in responses if response.status_code >= 500]
    assert (passed, errors) == (LIMITS[scope], [])
    return statuses


LOGIN = ("POST", "/accounts/login/", {"json": {"email": "nobody@example.com"}})
REGISTRATION = ("POST", "/accounts/register/", {"json": {"email": "nobody@example.com"}})
MARKETPLACE = ("GET", "/accounts/gigs/", {})
OPEN = {"LOGIN": LOGIN, "REGISTRATION": REGISTRATION, "MARKETPLACE": MARKETPLACE}


@pytest.mark.parametrize("scope", OPEN)
def test_forged_addresses_do_not_raise_the_limit_of_a_client(
    server: OwnServer, capsys: Any, scope: str
) -> None:
    method, path, body = OPEN[scope]

    def send(number: int) -> requests.Response:
        options = server.options()
        options["headers"] = forged()
        return requests.request(method, server.url + path, **options, **body)

    accepted(scope, send, capsys, "through nginx, forged addresses")


@pytest.mark.parametrize("scope", OPEN)
def test_an_ipv6_network_is_one_client(server: OwnServer, capsys: Any, scope: str) -> None:
    method, path, body = OPEN[scope]

    def send(number: int) -> requests.Response:
        return server.directly(method, path, forged(of_network(number)), **body)

    accepted(scope, send, capsys, f"from {NETWORK}")
    assert server.directly(method, path, forged("2001:db8:1:3::1"), **body).status_code != 429
    assert server.directly(method, path, forged(ADDRESS), **body).status_code != 429


def test_messages_of_a_person_are_counted_together(server: OwnServer, capsys: Any) -> None:
    (_, token), (peer, _) = server.person("Ana"), server.person("Zoe")
    chat = server.request("POST", CHATS, token, json={"participant": peer}).json()
    path = f"{CHATS}{chat['id']}/messages/"

    def send(number: int) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}", **forged(any_address())}
        body = {"content": "Hola", "client_id": str(uuid.uuid4())}
        return server.directly("POST", path, headers, json=body)

    assert accepted("MESSAGES", send, capsys, "of a person")[201] == LIMITS["MESSAGES"]
    stored = server.request("GET", path, token, params={"after_seq": 0, "limit": 200}).json()
    assert [row["seq"] for row in stored] == list(range(1, LIMITS["MESSAGES"] + 1))


def test_reports_of_a_person_are_counted_together(server: OwnServer, capsys: Any) -> None:
    (_, token), (peer, _) = server.person("Ana"), server.person("Zoe")

    def send(number: int) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}", **forged(any_address())}
        body = {"kind": "user", "id": peer, "reason": "spam", "text": f"Offer {number}"}
        return server.directly("POST", "/accounts/reports/", headers, json=body)

    accepted("REPORTS", send, capsys, "of a person")
