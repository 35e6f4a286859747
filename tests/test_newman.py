"""newman runs the Postman collection against the local default."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.processes import needs_proc, wait_for
from tests.fixtures.programs import ROOT, need
from tests.fixtures.sites import Running, Site, free_port

pytestmark = [pytest.mark.lifecycle, needs_proc]
FOLDER = ROOT / "docs" / "postman"
FILE = "LinguaFlex.postman_collection.json"
NEWMAN = ROOT / "tests" / "newman" / "node_modules" / "newman" / "bin" / "newman.js"
PATIENCE = 300  # seconds for a run on a busy machine


def run_collection(report: Path, url: str, *options: str) -> dict[str, Any]:
    """Runs the collection, prints the counts, and returns newman's report, which is written to a file."""
    need("node")
    if not NEWMAN.exists():
        pytest.skip("newman is not installed (npm install in tests/newman)")
    reporter = ("--reporters", "json", "--reporter-json-export", str(report))
    done = subprocess.run(
        ["node", NEWMAN, "run", FILE, "--env-var", f"base_url={url}", *options, *reporter],
        cwd=FOLDER,
        env=os.environ,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    run: dict[str, Any] = json.loads(report.read_bytes())["run"]
    assert done.returncode == bool(run["failures"]), done.stderr
    counts = {name: run["stats"][name]["total"] for name in ("requests", "assertions")}
    print(f"\n{counts} {len(run['failures'])} failures")
    return run


def failures(run: dict[str, Any]) -> list[tuple[str, str]]:
    """The names of the failed requests, with the messages."""
    return [(each["source"]["name"], each["error"]["message"]) for each in run["failures"]]


def skipped(run: dict[str, Any]) -> list[str]:
    """The sentences of the requests that the server cannot answer."""
    names = [test["assertion"] for each in run["executions"] for test in each.get("assertions", [])]
    return [name for name in names if name.startswith("Skipped")]


def number_of_requests() -> int:
    collection = json.loads((FOLDER / FILE).read_bytes())
    return sum(len(folder["item"]) for folder in collection["item"])


def started(site: Site, **variables: str) -> Iterator[Running]:
    running = site.start("--noreload", **variables)
    yield running
    assert running.interrupt() == 0


@pytest.fixture
def with_simulator(stopped_site: Site) -> Iterator[Running]:
    """The local default with the OpenAI simulator."""
    port = str(free_port())
    yield from started(stopped_site, LINGUAFLEX_OPENAI_SIMULATOR="1", LINGUAFLEX_OPENAI_PORT=port)


@pytest.fixture
def with_confirmation(stopped_site: Site) -> Iterator[Running]:
    """The local default without OpenAI, where new accounts confirm their address."""
    yield from started(stopped_site, LINGUAFLEX_CONFIRM_EMAIL="1")


@pytest.fixture
def plain(stopped_site: Site) -> Iterator[Running]:
    """The local default."""
    yield from started(stopped_site)


def test_collection_runs_twice_on_one_database(with_simulator: Running, tmp_path: Path) -> None:
    for _ in range(2):
        url, environment = with_simulator.site.url, "local.postman_environment.json"
        run = run_collection(tmp_path / "report.json", url, "--environment", environment)
        assert failures(run) == []
        assert skipped(run) == []
        assert run["stats"]["requests"]["total"] == number_of_requests() >= 70
    left = "select email from auth.users where email like 'learner-%%' or email like 'teacher-%%'"
    site = with_simulator.site
    assert wait_for(lambda: site.sql(left) == [], PATIENCE), site.sql(left)  # a job deletes the accounts


def test_requests_that_need_openai_are_skipped_without_it(plain: Running, tmp_path: Path) -> None:
    run = run_collection(tmp_path / "report.json", plain.site.url)
    assert failures(run) == []
    assert {sentence.partition(".")[0] for sentence in skipped(run)} == {
        "Skipped: the server has no key of OpenAI"
    }
    assert run["stats"]["requests"]["total"] < number_of_requests()


def test_unexpected_answer_is_a_failure(with_confirmation: Running, tmp_path: Path) -> None:
    options = ("--folder", "Registration and login")
    found = failures(run_collection(tmp_path / "report.json", with_confirmation.site.url, *options))
    assert ("Log in as the learner", "expected 400 to be one of [ 200 ]") in found
