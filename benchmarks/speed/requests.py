"""The six requests of the table, and the comparison of their answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.speed import http
from benchmarks.speed.http import Request
from benchmarks.speed.inputs import chats_of, conversation, message
from benchmarks.speed.site import Server, Site

CONVERSATIONS = "/accounts/voice-conversations/"
CHATS = "/accounts/supabase/chats/"
GIGS = "/accounts/gigs/?language=Spanish&currency=EUR&min_price=20&limit=20"
# Differ between two creations.
NEW_VALUES = {"id", "seq", "created_at", "updated_at"}


@dataclass(frozen=True)
class Endpoint:
    """A request of the table. ``path`` may contain {chat}, the id of a chat of the caller."""

    name: str
    method: str
    path: str
    body: bytes = b""

    def request(self, token: str, chat: str) -> Request:
        return Request(self.method, self.path.format(chat=chat), token, self.body)


READS = (
    Endpoint("list 20 conversations", "GET", f"{CONVERSATIONS}?limit=20"),
    Endpoint("summary", "GET", f"{CONVERSATIONS}summary/"),
    Endpoint("chats", "GET", CHATS),
    Endpoint("gigs", "GET", GIGS),
)
WRITES = (
    Endpoint("create conversation", "POST", CONVERSATIONS, conversation()),
    Endpoint("send message", "POST", f"{CHATS}{{chat}}/messages/", message()),
)


def load_of(site: Site, people: list[str]) -> list[tuple[str, str]]:
    """The access token and a chat of each person."""
    chats = chats_of(people)
    return [(site.token(person), chats[person]) for person in people]


def check_equal(endpoint: Endpoint, servers: Mapping[str, Server], load: list[tuple[str, str]]) -> None:
    """Raises RuntimeError if two servers give one caller different JSON."""
    for caller in load:
        request = endpoint.request(*caller)
        answers = {name: http.get(server.port, request) for name, server in servers.items()}
        (base_name, base), *others = answers.items()
        for name, answer in others:
            for difference in differences(seen(endpoint, base), seen(endpoint, answer)):
                raise RuntimeError(f"{endpoint.name}: {base_name} and {name} differ at {difference}")


def seen(endpoint: Endpoint, answer: http.Answer) -> dict[str, Any]:
    """The status, the JSON, and whether a next page is announced."""
    if answer.status >= 300:
        raise RuntimeError(f"{endpoint.name}: status {answer.status}, {answer.body[:500]!r}")
    body = answer.json()
    if endpoint.method == "POST":
        body = {name: value for name, value in body.items() if name not in NEW_VALUES}
    return {"status": answer.status, "has_next": "link" in answer.headers, "body": body}


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """The places where two JSON values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            if name in one and name in other:
                yield from differences(one[name], other[name], f"{path}.{name}")
            else:
                yield f"{path}.{name}: missing in one"
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{path}[{number}]")
    elif one != other:
        yield f"{path}: {str(one)[:80]} and {str(other)[:80]}"
