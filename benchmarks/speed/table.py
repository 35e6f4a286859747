"""Compares six requests of the API with other backends on the same tables.

    python -m benchmarks.speed.table

Prints processor milliseconds for each request, of the server and PostgreSQL together: the median of four
rounds in which the backends take turns. Once with the memory of verified tokens, once without it. Checks
first that every backend answers the same JSON. docs/PERFORMANCE.md describes the backends.
"""

import argparse
import os
import random
import statistics
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from benchmarks.speed import backends, sizes
from benchmarks.speed.backends import AGAIN, DRF_TUNED, FASTAPI, MEMORY, NAMES, OURS
from benchmarks.speed.load import Cost, measured
from benchmarks.speed.requests import READS, WRITES, Endpoint, check_equal, load_of
from benchmarks.speed.site import Server, Site, running, temporary_folder
from benchmarks.speed.statements import statements_per_request

CALLERS = 200
COMPARED = 4  # callers whose answers are compared
REQUEST_NAMES = [endpoint.name for endpoint in (*READS, *WRITES)]
RATIOS = ((AGAIN, OURS), (OURS, DRF_TUNED), (OURS, FASTAPI))
Costs = dict[str, list[Cost]]  # of each backend, one for each round


def main() -> None:
    options = arguments()
    chosen = sizes.SMALL if options.small else sizes.TABLE
    with temporary_folder() as folder, running(chosen, options.data) as site:
        python = backends.peers_python(options.peers or Path(folder) / "peers")
        everyone = [f"learner {number}" for number in range(chosen.learners)]
        people = random.Random(1).sample(everyone, min(CALLERS, len(everyone)))
        run = Run(site, load_of(site, people), options)
        # All reads come before the first write, which would change what they return.
        for kind in (READS, WRITES):
            endpoints = [endpoint for endpoint in kind if endpoint.name in (options.only or REQUEST_NAMES)]
            for token_memory in (MEMORY, 0) if endpoints else ():
                with backends.running(site, python, token_memory=token_memory) as servers:
                    for endpoint in endpoints:
                        run.measure(endpoint, servers, token_memory)
        run.report()


def arguments() -> argparse.Namespace:
    parser = sizes.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=3, help="of each round of one backend")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument(
        "--only",
        action="append",
        choices=REQUEST_NAMES,
        help="measure this request; may be repeated (by default all)",
    )
    parser.add_argument(
        "--peers",
        type=Path,
        help="keep the virtual environment of the peers in this folder, and use it again",
    )
    return parser.parse_args()


class Run:
    """The measurements of one run of the command."""

    def __init__(self, site: Site, load: list[tuple[str, str]], options: argparse.Namespace) -> None:
        self.site = site
        self.load = load
        self.options = options
        self.costs: dict[int, dict[str, Costs]] = {MEMORY: {}, 0: {}}
        self.statements: dict[str, str] = {}

    def measure(self, endpoint: Endpoint, servers: Mapping[str, Server], token_memory: int) -> None:
        """Compares the answers, then measures each backend in each round."""
        check_equal(endpoint, servers, self.load[:COMPARED])
        requests = [endpoint.request(*caller) for caller in self.load]
        if token_memory:
            counts = (
                statements_per_request(self.site, servers[name], requests[0]) for name in (OURS, FASTAPI)
            )
            self.statements[endpoint.name] = " / ".join(f"{count:g}" for count in counts)
        found: Costs = defaultdict(list)
        seconds, connections = self.options.seconds, self.options.connections
        for server in servers.values():
            measured(self.site, server, requests, seconds=min(1, seconds), connections=connections)
        for number in range(self.options.rounds):
            for name in NAMES if number % 2 == 0 else reversed(NAMES):
                cost = measured(self.site, servers[name], requests, seconds=seconds, connections=connections)
                found[name].append(cost)
        self.costs[token_memory][endpoint.name] = found
        print(f"{endpoint.name}, {token_memory:,} tokens: measured", flush=True)

    def report(self) -> None:
        for token_memory, costs in self.costs.items():
            print(f"\n{'With' if token_memory else 'Without'} the memory of verified tokens\n")
            print_row(
                "request",
                *NAMES,
                *(f"{one} / {other}" for one, other in RATIOS),
                f"statements, {OURS} / {FASTAPI}",
            )
            print_row(*["---"] * (len(NAMES) + len(RATIOS) + 2))
            for name, found in costs.items():
                medians = (f"{statistics.median(cost.cpu for cost in found[each]):.2f}" for each in NAMES)
                ratios = (ratio(found, *pair) for pair in RATIOS)
                print_row(name, *medians, *ratios, self.statements[name])
        print(
            f"\nLoad of the machine at the end: {os.getloadavg()[0]:.1f}. In brackets: the range of a ratio."
        )


def ratio(found: Costs, one: str, other: str) -> str:
    """The median and the range of the ratios of the rounds."""
    ratios = [mine.cpu / its.cpu for mine, its in zip(found[one], found[other], strict=True)]
    return f"{statistics.median(ratios):.2f} [{min(ratios):.2f}-{max(ratios):.2f}]"


def print_row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
