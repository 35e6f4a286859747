"""A test run that is ended by a signal leaves no process and no file."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fixtures.processes import needs_proc, processes_in, processes_with, wait_for
from tests.fixtures.sites import CHECKOUT, PATIENCE

pytestmark = [pytest.mark.lifecycle, needs_proc]

# Each worker gets one of the two tests, which waits until the run is ended.
TESTS = """
import pathlib, threading
import pytest

@pytest.mark.django_db
@pytest.mark.parametrize("number", range(2))
def test_waits(number, supabase):
    (pathlib.Path(__file__).parent / f"{number}.started").touch()
    threading.Event().wait()
"""
OPTIONS = ("-n", "2", "-c", "pyproject.toml", "-p", "no:cacheprovider")


@dataclass
class Run:
    """A pytest process with two workers. All its temporary files are in ``folder``."""

    process: "subprocess.Popen[bytes]"
    folder: Path

    def processes(self) -> dict[int, str]:
        """Every process of the run; PostgreSQL overwrites its environment, but works in the folder."""
        return processes_with(f"TMPDIR={self.folder}") | processes_in(self.folder)

    def workers(self) -> list[int]:
        """The process ids of the two workers."""
        return [pid for pid, line in self.processes().items() if "exec(eval(" in line]

    def waits(self) -> bool:
        """Whether each worker waits."""
        return len(list(self.folder.glob("*.started"))) == 2

    def files(self) -> list[str]:
        return [path.name for path in self.folder.iterdir() if path.name.startswith("linguaflex-")]


@pytest.fixture
def run() -> Iterator[Run]:
    """A run with two workers. Each waits within a test, and has a PostgreSQL server."""
    # In /tmp: the path of PostgreSQL's socket has to be short.
    with tempfile.TemporaryDirectory(prefix="ended-run-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "test_waits.py").write_text(TESTS)
        (folder / "conftest.py").write_text('pytest_plugins = ["tests.conftest"]')
        with (folder / "output").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "pytest", *OPTIONS, f"--rootdir={name}", folder / "test_waits.py"],
                cwd=CHECKOUT,
                env=os.environ | {"TMPDIR": name},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        made = Run(process, folder)
        try:
            assert wait_for(lambda: made.waits() or process.poll() is not None, PATIENCE)
            assert made.waits(), (folder / "output").read_text()
            yield made
        finally:
            for pid in made.processes():  # after a failed test, some are left
                os.kill(pid, signal.SIGKILL)
            process.wait()


def has_left_nothing(run: Run) -> bool:
    return not run.processes() and not run.files()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_run_leaves_nothing_after_the_signal(run: Run, number: int) -> None:
    assert sum("postgres" in line for line in run.processes().values()) >= 2
    assert len(run.files()) >= 5, "three data folders, two of sockets"
    run.process.send_signal(number)
    run.process.wait(PATIENCE)
    assert wait_for(lambda: has_left_nothing(run), PATIENCE), (run.processes(), run.files())


def test_killed_workers_leave_nothing(run: Run) -> None:
    workers = run.workers()
    assert len(workers) == 2
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    run.process.send_signal(signal.SIGTERM)
    run.process.wait(PATIENCE)
    assert wait_for(lambda: has_left_nothing(run), PATIENCE), (run.processes(), run.files())
