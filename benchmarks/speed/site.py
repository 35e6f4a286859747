"""A PostgreSQL of its own with seeded data, and servers on it, for the duration of one command."""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.speed import tokens
from benchmarks.speed.sizes import Sizes

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
# Wide throttles, and no background work of PostgreSQL during a measurement.
POSTGRES = {
    "shared_buffers": "1GB",
    "max_connections": "300",
    "autovacuum": "off",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "1h",
    "maintenance_work_mem": "1GB",
}
SECRETS = {
    "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_benchmark",
    "SUPABASE_SECRET_KEY": "sb_secret_benchmark",
    "OPENAI_API_KEY": "sk-benchmark",
    "DJANGO_SECRET_KEY": "only-for-benchmarks-" * 4,
}
NO_THROTTLE = "100000000/min"


@dataclass
class Server:
    """A process that serves the API on ``port`` of 127.0.0.1; ``pid`` is the parent of its workers."""

    port: int
    pid: int


@dataclass
class Site:
    """The database, and the environment variables of a process that uses it."""

    postgres: Any  # standins.postgres.server.Server
    supabase_url: str
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"{self.supabase_url}/auth/v1"

    @property
    def database_url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.postgres.host}"

    @property
    def postgres_pid(self) -> int:
        return int((self.postgres.home / "cluster" / "postmaster.pid").read_text().split()[0])

    @property
    def postgres_log(self) -> Path:
        return Path(self.postgres.home / "server.log")

    def token(self, person: str) -> str:
        return tokens.token(person, self.issuer)

    @contextmanager
    def ours(self, command: str = "", **variables: str) -> Iterator[Server]:
        """Runs the API, by default under the documented production command, and these further variables."""
        port = free_port()
        parts = shlex.split(command or production_command())
        parts = [part.replace("127.0.0.1:8000", f"127.0.0.1:{port}") for part in parts]
        parts[0] = str(Path(sys.executable).with_name(parts[0]))
        with served(parts, port, {**self.environment, **variables}, ROOT) as server:
            yield server


@contextmanager
def running(sizes: Sizes, data: Path | None) -> Iterator[Site]:
    """A migrated and seeded database. ``data`` is the folder that keeps it; by default it is removed.

    Configures Django in this process, for the production settings.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves this block, as Ctrl-C does
    with ExitStack() as stack:
        folder = data or Path(stack.enter_context(temporary_folder()))
        folder.mkdir(parents=True, exist_ok=True)
        url = stack.enter_context(tokens.supabase_running())
        site = Site(start_postgres(folder), url)
        stack.callback(site.postgres.leave)
        site.environment = variables_of(site)
        os.environ.update(site.environment)
        prepare(sizes)
        yield site


@contextmanager
def temporary_folder() -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="linguaflex-benchmark-")
    os.chmod(folder, 0o755)  # if root runs this, PostgreSQL runs as another account, which needs access
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start_postgres(folder: Path) -> Any:
    from standins.postgres import server

    programs = os.environ.get("LINGUAFLEX_POSTGRES_BIN")
    return server.running(folder / "postgres", POSTGRES, Path(programs) if programs else None)


def variables_of(site: Site) -> dict[str, str]:
    """The production settings of the site. A process gets no other variable except PATH and HOME."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        **SECRETS,
        "LINGUAFLEX_ENV": "production",
        "DJANGO_SETTINGS_MODULE": "linguaflex.settings",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": site.database_url,
        "SUPABASE_URL": site.supabase_url,
        "TRUSTED_PROXY_COUNT": "1",
        "THROTTLE_MESSAGES": NO_THROTTLE,
        "THROTTLE_CHATS": NO_THROTTLE,
        "STORAGE_BYTES_PER_USER": str(10**15),  # read and compared as usual, but never reached
    }


def prepare(sizes: Sizes) -> None:
    """Creates Supabase's schemas, migrates, and seeds the database if it is empty."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from accounts.models import User
    from benchmarks.speed.seed import fill
    from standins.supabase import schema

    with connection.cursor() as cursor:
        schema.install(cursor)
    call_command("migrate", verbosity=0, interactive=False)
    if not User.objects.exists():
        fill(sizes)
    connection.close()


def production_command() -> str:
    """The command of docs/operations/DEPLOY.md that starts the server."""
    page = (ROOT / "docs/operations/DEPLOY.md").read_text()
    (command,) = re.findall(r"^(gunicorn linguaflex\.wsgi .*)$", page, re.MULTILINE)
    return str(command)


@contextmanager
def served(command: list[str], port: int, environment: Mapping[str, str], folder: Path) -> Iterator[Server]:
    """Runs a server; ends it afterwards. Raises RuntimeError if it does not answer."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            if not answers(port, process):
                output.seek(0)
                raise RuntimeError(f"{shlex.join(command)} did not start:\n{output.read().decode()}")
            yield Server(port, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def answers(port: int, process: "subprocess.Popen[bytes]") -> bool:
    """Waits for any HTTP answer; False if the process ends or START_SECONDS pass."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=5).close()
            return True
        except urllib.error.HTTPError:
            return True  # a peer without this endpoint
        except OSError:
            time.sleep(0.1)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
