"""The metrics of the documented gunicorn are those of all its workers, also after one was killed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from linguaflex.operations.metric_files import PREFIX
from tests.fixtures.deployment import Deployment
from tests.fixtures.processes import needs_proc, wait_for
from tests.fixtures.sites import FEW_SECONDS, PATIENCE, Running

pytestmark = [pytest.mark.lifecycle, needs_proc]
TOKEN = "t" * 32
MOST_REQUESTS = 2_000
LINE = 'linguaflex_requests_total{method="GET",route="/health/",status="200"}'


@pytest.fixture
def server(running_site: Running, sites_folder: Path) -> Iterator[Deployment]:
    """gunicorn beside the running site. Its temporary files are in ``folder``."""
    folder = sites_folder / "metrics"
    folder.mkdir()
    deployment = Deployment.of(running_site.site, folder)
    with deployment.gunicorn(METRICS_TOKEN=TOKEN, TMPDIR=str(folder)):
        yield deployment
    assert list(folder.glob(f"{PREFIX}*")) == [], "the folder of the metrics is removed"


def get(server: Deployment, path: str) -> str:
    """The body of a response. Each request has a connection of its own, so that any worker may take it."""
    address = f"http://127.0.0.1:{server.app_port}{path}"
    answer = requests.get(address, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=FEW_SECONDS)
    answer.raise_for_status()
    return answer.text


def counted(server: Deployment) -> float:
    """The number of counted requests of /health/."""
    return sum(
        float(line.rpartition(" ")[2])
        for line in get(server, "/metrics/").splitlines()
        if line.startswith(LINE)
    )


def counting_workers(server: Deployment) -> list[int]:
    """The process ids of the running workers that have counted requests."""
    paths = server.folder.glob(f"{PREFIX}*/counter_*.db")
    return [pid for path in paths if (pid := int(path.stem.rpartition("_")[2])) in server.site.processes()]


def test_every_worker_is_counted_also_a_killed_one(server: Deployment) -> None:
    sent = 0
    while len(counting_workers(server)) < 2 and sent < MOST_REQUESTS:
        get(server, "/health/")
        sent += 1
    first, second = counting_workers(server)
    assert counted(server) == sent
    os.kill(first, signal.SIGKILL)
    assert wait_for(lambda: first not in server.site.processes(), PATIENCE)
    get(server, "/health/")
    assert counted(server) == sent + 1
    assert second in counting_workers(server)
