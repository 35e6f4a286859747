"""Compares numbers of gunicorn's workers and threads.

    python -m benchmarks.speed.workers

Prints the processor milliseconds of a request, of the server and PostgreSQL together, and the median and 99th
percentile of the answers at eight connections: the median of four rounds in which the variants take turns.
The load is the list of conversations, and sent messages.
"""

import statistics
from collections import defaultdict
from contextlib import ExitStack

from benchmarks.speed import sizes
from benchmarks.speed.load import Cost, measured
from benchmarks.speed.requests import READS, WRITES, load_of
from benchmarks.speed.site import production_command, running

ENDPOINTS = (READS[0], WRITES[1])
NUMBERS = ((2, 4), (2, 1), (3, 2), (4, 1), (2, 2), (1, 8))  # workers, threads
ROUNDS, SECONDS, CONNECTIONS = 4, 3.0, 8


def main() -> None:
    options = sizes.parser(__doc__).parse_args()
    rounds, seconds = (1, 0.2) if options.small else (ROUNDS, SECONDS)
    costs: dict[tuple[str, str], list[Cost]] = defaultdict(list)
    with running(sizes.SMALL, options.data) as site, ExitStack() as stack:
        load = load_of(site, [f"learner {number}" for number in range(sizes.SMALL.learners)])
        servers = {name: stack.enter_context(site.ours(command)) for name, command in commands().items()}
        for endpoint in ENDPOINTS:
            requests = [endpoint.request(*caller) for caller in load]
            for server in servers.values():
                measured(site, server, requests, seconds=min(1, seconds), connections=CONNECTIONS)
            for number in range(rounds):
                names = list(servers) if number % 2 == 0 else list(reversed(servers))
                for name in names:
                    cost = measured(site, servers[name], requests, seconds=seconds, connections=CONNECTIONS)
                    costs[endpoint.name, name].append(cost)
    print("| request | server | CPU ms | median ms | 99 % ms | requests/s |")
    print("| --- | --- | --- | --- | --- | --- |")
    for (endpoint_name, name), found in costs.items():
        figures = (
            f"{statistics.median(getattr(cost, each) for cost in found):.1f}"
            for each in ("cpu", "median", "slow", "per_second")
        )
        print(f"| {endpoint_name} | {name} | {' | '.join(figures)} |")


def commands() -> dict[str, str]:
    """The production command with other numbers of workers and threads."""
    command = production_command()
    return {
        f"gunicorn {workers} x {threads}": command.replace("--workers 2", f"--workers {workers}").replace(
            "--threads 4", f"--threads {threads}"
        )
        for workers, threads in NUMBERS
    }


if __name__ == "__main__":
    main()
