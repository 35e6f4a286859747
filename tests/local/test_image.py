"""The image: the Dockerfile's steps run in a folder, and its programs on a PostgreSQL without Supabase.

No container engine is needed. The programs run as an account that has no name and no home directory and may
write to no file of the image.
"""

import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import requests
import yaml

from standins.postgres import server as postgres
from tests.fixtures.images import Image, base_python
from tests.fixtures.nginx import Nginx, delete_account, voice_contract
from tests.fixtures.people import Person
from tests.fixtures.poolers import Pooler, pooler
from tests.fixtures.processes import needs_proc, wait_for
from tests.fixtures.programs import ROOT
from tests.fixtures.sites import PATIENCE, free_port, is_ready
from tests.fixtures.supabase import Supabase
from tests.fixtures.worker_processes import production

pytestmark = [pytest.mark.lifecycle, needs_proc, pytest.mark.django_db(transaction=True)]
NOBODY = 10001  # the Dockerfile's user; no account of this machine has the number
METRICS_TOKEN = "m" * 40
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def image_folder() -> Iterator[Path]:
    """A folder that every account may enter."""
    with tempfile.TemporaryDirectory(prefix="linguaflex-image-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        if os.geteuid() != 0:  # root can remove them anyway
            for path in (each for each in folder.rglob("*") if each.is_dir() and not each.is_symlink()):
                path.chmod(0o755)


@pytest.fixture(scope="module")
def image(image_folder: Path) -> Image:
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:
        identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        image_folder.chmod(0o777)
    base_python(image_folder / "base", identity)
    image = Image(image_folder / "image", identity)
    image.build()
    return image


@pytest.fixture(scope="module")
def plain_database(image_folder: Path) -> Iterator[Pooler]:
    """A PostgreSQL of its own, with nothing of Supabase, behind a pooler in session mode."""
    folder = image_folder / "pooler"
    folder.mkdir()
    started = postgres.running(image_folder / "postgres", {"fsync": "off"}, chosen_programs())
    try:
        with pooler(folder, started.host, "session") as session:
            yield session
    finally:
        started.leave()


def chosen_programs() -> Path | None:
    folder = os.environ.get("LINGUAFLEX_POSTGRES_BIN")
    return Path(folder) if folder else None


@pytest.fixture
def variables(plain_database: Pooler, supabase: Any) -> dict[str, str]:
    """What .env and compose.yaml set."""
    found = production() | {"DATABASE_URL": plain_database.url("postgres"), "ALLOWED_HOSTS": "127.0.0.1"}
    del found["PATH"]
    return found | {"TRUSTED_PROXY_COUNT": "1", "METRICS_TOKEN": METRICS_TOKEN}


def test_the_image_contains_what_production_needs_and_nothing_else(image: Image) -> None:
    app = image.folder / "app"
    assert {path.name for path in app.iterdir()} == {
        *("accounts", "linguaflex", "manage.py", "gunicorn.conf.py", "requirements", "static", "__pycache__")
    }
    assert not (app / "linguaflex/local").exists()
    assert list((app / "static/unfold").iterdir())
    assert (image.user, image.workdir) == (f"{NOBODY}:{NOBODY}", app)


@pytest.fixture
def served(
    image: Image, variables: dict[str, str], image_folder: Path, clean_auth: None, tmp_path: Path
) -> Iterator[Nginx]:
    """nginx in front of the image's server, on a migrated database. No file of the image changes."""
    before = image.files()
    run(image, COMPOSE["services"]["migrate"]["command"], variables)
    port = free_port()
    command = [part.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for part in image.command]
    proxy = Nginx(new_folder(image_folder), [port], source="127.0.0.9")  # in containers, nginx has its own
    log = tmp_path / "log"
    with proxy.running(), log.open("ab") as output:
        assert health(image, port, variables) == 1
        with image.open(command, output, **variables) as started:
            assert wait_for(lambda: is_ready(f"http://127.0.0.1:{port}"), PATIENCE), log.read_text()
            assert health(image, port, variables) == 0
            yield proxy
            started.terminate()
    assert started.returncode == 0, log.read_text()
    assert image.files() == before


def new_folder(within: Path) -> Path:
    folder = Path(tempfile.mkdtemp(dir=within))
    folder.chmod(0o755)
    return folder


def health(image: Image, port: int, variables: dict[str, str]) -> int:
    """The status of the image's health check."""
    with image.open([*image.health_check, str(port)], subprocess.DEVNULL, **variables) as checked:
        return checked.wait(PATIENCE)


def run(image: Image, command: str, variables: dict[str, str]) -> None:
    """Runs a command of compose.yaml to its end."""
    with tempfile.TemporaryFile("w+") as output:
        with image.open(shlex.split(command), output, **variables) as started:
            started.wait(PATIENCE)
        output.seek(0)
        assert started.returncode == 0, output.read()


def test_the_server_of_the_image_keeps_the_voice_contract(served: Nginx, student: Person) -> None:
    style = requests.get(f"{served.https_url}/static/unfold/css/styles.css", verify=str(served.certificate))
    assert style.status_code == 200
    assert " 0 failed" in voice_contract(served, student.token)
    (port,) = served.applications
    headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    metrics = requests.get(f"http://127.0.0.1:{port}/metrics/", headers=headers, timeout=PATIENCE)
    assert "linguaflex_requests_total{" in metrics.text


def queues_of(database: Pooler) -> set[str]:
    """The queues whose workers have reported themselves: they handle signals since then."""
    with closing(psycopg2.connect(database.url("postgres"))) as connection, connection.cursor() as cursor:
        cursor.execute("select queue from accounts_workerheartbeat")
        return {queue for (queue,) in cursor.fetchall()}


def test_the_workers_of_the_image_finish_a_deletion_and_stop_at_a_signal(
    served: Nginx,
    image: Image,
    variables: dict[str, str],
    plain_database: Pooler,
    student: Person,
    supabase: Supabase,
    tmp_path: Path,
) -> None:
    log = tmp_path / "workers"
    commands = [COMPOSE["services"][name]["command"] for name in ("worker", "calls")]
    with log.open("ab") as output, ExitStack() as stack:
        workers = [
            stack.enter_context(image.open(shlex.split(command), output, **variables)) for command in commands
        ]
        delete_account(served, student)
        assert wait_for(lambda: not supabase.has_account(student.user.pk), PATIENCE), log.read_text()
        assert wait_for(lambda: queues_of(plain_database) == {"calls", "default"}, PATIENCE), log.read_text()
        for worker in workers:
            worker.terminate()
    assert [worker.returncode for worker in workers] == [0, 0], log.read_text()
