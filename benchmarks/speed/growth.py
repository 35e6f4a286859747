"""How the cost of a request grows with the data: one connection, default memory of tokens.

    python -m benchmarks.speed.growth

Prints the processor milliseconds of the server and of PostgreSQL, the median milliseconds of an answer, and
its size. A history is the number of conversations of one learner.
"""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from benchmarks.speed import http, sizes
from benchmarks.speed.http import Request
from benchmarks.speed.processes import cpu_seconds
from benchmarks.speed.requests import CHATS, CONVERSATIONS
from benchmarks.speed.site import Server, Site, running
from benchmarks.speed.sizes import Sizes
from benchmarks.speed.words import COMMON_WORDS, ONLY_WORD, RARE_WORD

PAGES = (1, 100, 1_000)
LIST = f"{CONVERSATIONS}?limit=20"
GIGS, TEACHERS = "/accounts/gigs/?limit=20", "/accounts/teachers/?limit=20"
MIN_REQUESTS, MAX_REQUESTS, SECONDS = 6, 60, 3.0  # of each line; a slow request is sent MIN_REQUESTS times
SETTLE_SECONDS = 0.1
UNREAD = (10, 100_000)


@dataclass(frozen=True)
class Line:
    """A line of the table: its label, and a request of one person."""

    label: str
    person: str
    path: str


def main() -> None:
    options = sizes.parser(__doc__).parse_args()
    chosen = sizes.SMALL if options.small else sizes.GROWTH
    with running(chosen, options.data) as site, site.ours() as server:
        print("| request | server CPU ms | PostgreSQL CPU ms | median ms | KB |")
        print("| --- | --- | --- | --- | --- |")
        for line in [*pages(site, server, chosen), *statistics_of(chosen), *searches(chosen), *directory()]:
            measure(site, server, line)
        for line in chat_lists(chosen):
            measure(site, server, line)
        for count in UNREAD:
            measure(site, server, unread(chosen, count))


def pages(site: Site, server: Server, chosen: Sizes) -> Iterator[Line]:
    """Pages of the longest history and of the longest chat, found by their links."""
    person = f"history {chosen.longest_history}"
    path = LIST
    for number in range(1, min(PAGES[-1], chosen.longest_history // 20) + 1):
        if number > 1:
            path = next_page(site, server, person, path)
        if number in PAGES:
            yield Line(f"list of {chosen.longest_history:,}, page {number:,}", person, path)
    messages = f"{CHATS}{long_chat()}/messages/"
    for before in (chosen.long_chat + 1, chosen.long_chat // 2):
        label = f"messages of {chosen.long_chat:,} before {before:,}"
        yield Line(label, "long chat", f"{messages}?before_seq={before}")


def next_page(site: Site, server: Server, person: str, path: str) -> str:
    link = http.get(server.port, Request("GET", path, site.token(person))).headers["link"]
    return link.partition("127.0.0.1")[2].partition(">")[0]


def long_chat() -> str:
    from accounts.models import Participant
    from benchmarks.speed import tokens

    return str(Participant.objects.get(user=tokens.user_id("long chat")).chat_id)


def statistics_of(chosen: Sizes) -> Iterator[Line]:
    for name in ("summary/", "progress/", "progress/?interval=day"):
        for length in chosen.histories:
            yield Line(f"{name} of {length:,}", f"history {length}", CONVERSATIONS + name)


def searches(chosen: Sizes) -> Iterator[Line]:
    """Conversations: a word of every row, of 1 %, of one, of none, and two words that never meet."""
    everywhere, *apart = COMMON_WORDS
    texts = {
        "in all": everywhere,
        "in 1 %": RARE_WORD,
        "in one": ONLY_WORD,
        "in none": "qzxqzx",
        "two that never meet": " ".join(apart),
    }
    person = f"history {chosen.longest_history}"
    for kind, text in texts.items():
        yield Line(f"search of {chosen.longest_history:,}: {kind}", person, f"{LIST}&search={quote(text)}")


def directory() -> Iterator[Line]:
    """Gigs and teachers, listed and searched."""
    for label, text in {"a frequent word": "travel", "a name": "Teacher 1700", "in none": "qzxqzx"}.items():
        yield Line(f"gigs: search, {label}", "learner 1", f"{GIGS}&search={quote(text)}")
    yield Line("gigs", "learner 1", GIGS)
    yield Line("teachers", "learner 1", TEACHERS)
    yield Line("teachers: search, a frequent word", "learner 1", f"{TEACHERS}&search=travel")


def chat_lists(chosen: Sizes) -> Iterator[Line]:
    for count in chosen.chat_lists:
        yield Line(f"chats of {count:,}", f"chats {count}", CHATS)


def unread(chosen: Sizes, count: int) -> Line:
    """The list with one chat, in which ``count`` messages of the peer are unread."""
    from accounts.models import Participant
    from benchmarks.speed import tokens

    own = Participant.objects.get(user=tokens.user_id("long chat"))
    peers = own.chat.messages.exclude(sender=own.user_id).order_by("-seq").values_list("seq", flat=True)
    own.unread_count = min(count, peers.count())
    own.read_seq = peers[own.unread_count - 1] - 1
    own.save(update_fields=["unread_count", "read_seq"])
    return Line(f"chats, {own.unread_count:,} unread", "long chat", CHATS)


def measure(site: Site, server: Server, line: Line) -> None:
    """Sends the request several times and prints the line."""
    request = Request("GET", line.path, site.token(line.person))
    for _ in range(4):  # both workers and their connections
        answer = http.get(server.port, request)
    if answer.status != 200:
        raise RuntimeError(f"{line.label}: status {answer.status}, {answer.body[:500]!r}")
    durations: list[float] = []
    pids = (server.pid, site.postgres_pid)
    before, end = [cpu_seconds(pid) for pid in pids], time.perf_counter() + SECONDS
    while len(durations) < MIN_REQUESTS or (len(durations) < MAX_REQUESTS and time.perf_counter() < end):
        began = time.perf_counter()
        http.get(server.port, request)
        durations.append(time.perf_counter() - began)
    time.sleep(SETTLE_SECONDS)
    after = [cpu_seconds(pid) for pid in pids]
    used = [(ended - began) * 1000 / len(durations) for began, ended in zip(before, after, strict=True)]
    figures = f"{used[0]:.1f} | {used[1]:.1f} | {statistics.median(durations) * 1000:.1f}"
    print(f"| {line.label} | {figures} | {len(answer.body) / 1024:.1f} |", flush=True)


if __name__ == "__main__":
    main()
