"""The memory of gunicorn's workers at the start, after 10,000 mixed requests, and after large lists.

    python -m benchmarks.speed.memory

Starts the production command on a small database and sends the requests over eight connections. The
mix has each list and statistic, two searches, a created conversation and a sent message. A large list has 500
conversations. Starts the server three times. Prints the median megabytes of the worker with more memory, as
kept connections load the two unevenly (``processes.Memory``).
"""

import itertools
import statistics
from collections import defaultdict
from collections.abc import Iterator
from operator import attrgetter

from benchmarks.speed import http, sizes
from benchmarks.speed.http import Request
from benchmarks.speed.inputs import chats_of, conversation, message
from benchmarks.speed.processes import Memory, children_of, memory_of
from benchmarks.speed.site import Server, Site, running

REQUESTS = 10_000
CONNECTIONS = 8
STARTS = 3
READS = (
    "/accounts/voice-conversations/?limit=20",
    "/accounts/voice-conversations/summary/",
    "/accounts/voice-conversations/progress/",
    "/accounts/voice-conversations/?limit=20&search=quetzal",
    "/accounts/voice-conversations/?limit=20&language=Spanish",
    "/accounts/supabase/chats/",
    "/accounts/gigs/?limit=20",
    "/accounts/gigs/?language=Spanish&currency=EUR&min_price=20&limit=20",
    "/accounts/gigs/?search=travel&limit=20",
    "/accounts/teachers/?limit=20",
    "/accounts/users/me/",
    "/accounts/users/?limit=20",
)
LARGE_LIST, LARGE_LISTS = "/accounts/voice-conversations/", 50


def main() -> None:
    options = sizes.parser(__doc__).parse_args()
    count = 100 if options.small else REQUESTS
    with running(sizes.SMALL, options.data) as site:
        requests = list(itertools.islice(mixed(site), count))
        history = site.token(f"history {sizes.SMALL.longest_history}")
        large = [Request("GET", LARGE_LIST, history)] * LARGE_LISTS
        found: dict[str, list[Memory]] = defaultdict(list)
        for _ in range(STARTS):
            with site.ours() as server:
                found["after the start"].append(largest_worker(server))
                http.send_all(server.port, requests, CONNECTIONS)
                found[f"after {count:,} mixed requests"].append(largest_worker(server))
                http.send_all(server.port, large, CONNECTIONS)
                found[f"after {LARGE_LISTS} large lists too"].append(largest_worker(server))
    for moment, starts in found.items():
        report(moment, starts)


def largest_worker(server: Server) -> Memory:
    return max((memory_of(pid) for pid in children_of(server.pid)), key=attrgetter("pss"))


def mixed(site: Site) -> Iterator[Request]:
    """The mixed requests of one learner after another, endlessly."""
    people = [f"learner {number}" for number in range(sizes.SMALL.learners)]
    chat_of = chats_of(people)
    tokens_of = {person: site.token(person) for person in people}
    for person in itertools.cycle(people):
        token = tokens_of[person]
        yield from (Request("GET", path, token) for path in READS)
        yield Request("POST", "/accounts/voice-conversations/", token, conversation())
        yield Request("POST", f"/accounts/supabase/chats/{chat_of[person]}/messages/", token, message())


def report(moment: str, starts: list[Memory]) -> None:
    print(f"{moment}:", end="")
    for name in ("rss", "pss", "private"):
        figures = [getattr(each, name) for each in starts]
        print(f"  {name} {statistics.median(figures):.1f}", end="")
        print(f" [{min(figures):.0f}-{max(figures):.0f}]", end="")
    print(" MB", flush=True)


if __name__ == "__main__":
    main()
