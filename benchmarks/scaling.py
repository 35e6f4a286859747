"""What numbers of learners need, extrapolated from the measured figures of the documentation.

    python -m benchmarks.scaling

Reads the processor time of requests from docs/PERFORMANCE.md and the bytes of rows from
docs/operations/SCALING.md, and prints the table of that page. The constants below are assumptions.
"""

import re
from pathlib import Path
from statistics import mean

ROOT = Path(__file__).resolve().parents[1]
REQUEST = "list 20 conversations|summary|chats|gigs|create conversation|send message"
COST = re.compile(rf"^\| (?:{REQUEST}) \| ([\d.]+)", re.M)
BYTES = r"^\| {} \| [\d,]+ \| [\d,]+ \| [\d,]+ \| ([\d,]+) \|"

LEARNERS = (10_000, 100_000, 1_000_000)
ACTIVE_SHARE = 0.3  # of the learners practise on a day
REQUESTS, CONVERSATIONS, MESSAGES = 60, 1, 10  # of each of them on that day
BUSIEST_HOUR = 1 / 8  # of a day's requests
PEAK = 2.0  # a busy second beside the mean of that hour
SESSION_HOURS = 1 / 3  # that somebody stays connected
FEEDBACK_SECONDS = 10.0  # of OpenAI for one answer
IDLE = 0.5  # of the processors stays free
POSTGRES_SHARE = 0.4  # of the processor time of a request: docs/PERFORMANCE.md, Growth
THREADS = 4  # for each core of Django, of which there are at least two
EVENTS = 3  # Realtime counts a message when it is sent, and for each of two people who receive it


def cost_seconds() -> float:
    """The mean processor time of the six measured requests: the server and PostgreSQL."""
    page = (ROOT / "docs/PERFORMANCE.md").read_text()
    return mean(float(figure) for figure in COST.findall(page)[:6]) / 1000


def bytes_of(row: str) -> int:
    page = (ROOT / "docs/operations/SCALING.md").read_text()
    (found,) = re.findall(BYTES.format(row), page, re.M)
    return int(found.replace(",", ""))


def line(learners: int) -> list[str]:
    """The columns of the table for a number of learners."""
    active = learners * ACTIVE_SHARE
    per_second = BUSIEST_HOUR / 3600 * PEAK * active  # how often what each of them does once a day is done
    requests = per_second * REQUESTS
    cores = requests * cost_seconds() / IDLE
    django, postgres = cores * (1 - POSTGRES_SHARE), cores * POSTGRES_SHARE
    day = active * (CONVERSATIONS * bytes_of("conversation") + MESSAGES * bytes_of("message"))
    return [
        f"{learners:,}",
        f"{requests:,.0f}",
        shown(django),
        shown(postgres),
        f"{max(django, 2) * THREADS:,.0f}",
        shown(per_second * CONVERSATIONS * FEEDBACK_SECONDS),
        f"{day * 365 / 1e9:,.0f} GB",
        f"{active * BUSIEST_HOUR * SESSION_HOURS:,.0f}",
        f"{per_second * MESSAGES * EVENTS:,.0f}",
    ]


def shown(number: float) -> str:
    return f"{number:,.1f}" if number < 10 else f"{number:,.0f}"


def main() -> None:
    heads = (
        *("learners", "requests/s", "cores of Django", "cores of PostgreSQL", "threads", "busy `db_worker`s"),
        *("growth a year", "Realtime connections", "Realtime messages/s"),
    )
    print("|", " | ".join(heads), "|")
    print("|", " | ".join("---" for _ in heads), "|")
    for learners in LEARNERS:
        print("|", " | ".join(line(learners)), "|")


if __name__ == "__main__":
    main()
