"""The backends of the table: the product twice, and its peers in a virtual environment of their own."""

import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.speed import tokens
from benchmarks.speed.site import ROOT, Server, Site, free_port, production_command, served

FOLDER = Path(__file__).parent / "peers"
DJANGO = {"DRF": "drf_plain", "Ninja": "ninja_api", "DRF tuned": "drf_tuned"}
OURS, AGAIN, DRF, DRF_TUNED, FASTAPI = "ours", "ours again", "DRF", "DRF tuned", "FastAPI"
NAMES = (OURS, AGAIN, DRF, "Ninja", DRF_TUNED, FASTAPI)
MEMORY = 10_000  # tokens; the default of SUPABASE_TOKEN_MEMORY


def peers_python(folder: Path) -> Path:
    """The interpreter of the peers' virtual environment in ``folder``, which is created if it is missing."""
    python = folder / "bin" / "python"
    if not python.exists():
        print("installing the peers", file=sys.stderr)
        venv.create(folder, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "-r", str(FOLDER / "requirements.txt")]
        subprocess.run(install, check=True)
    return python


@contextmanager
def running(site: Site, python: Path, *, token_memory: int) -> Iterator[dict[str, Server]]:
    """Runs every backend; each remembers ``token_memory`` verified tokens in each process."""
    memory = {"SUPABASE_TOKEN_MEMORY": str(token_memory)}
    with ExitStack() as stack:
        found = {name: stack.enter_context(site.ours(**memory)) for name in (OURS, AGAIN)}
        for name in NAMES[2:]:
            found[name] = stack.enter_context(peer(site, python, name, memory))
        yield found


@contextmanager
def peer(site: Site, python: Path, name: str, memory: dict[str, str]) -> Iterator[Server]:
    port = free_port()
    environment = {
        **memory,
        "PATH": site.environment["PATH"],
        "PYTHONPATH": str(ROOT),
        "BENCHMARK_DATABASE_URL": site.database_url,
        "BENCHMARK_PUBLIC_KEY": tokens.public_key(),
        "SUPABASE_URL": site.supabase_url,
    }
    if name == FASTAPI:
        options = f"--workers 2 --no-access-log --port {port} benchmarks.speed.peers.fastapi_app:app"
        command = [str(python), "-m", "uvicorn", *options.split()]
    else:
        environment["BENCHMARK_PEER"] = DJANGO[name]
        ours = production_command().replace("127.0.0.1:8000", f"127.0.0.1:{port}").split()
        application = "benchmarks.speed.peers.django_peers.wsgi"
        command = [str(python), "-m", "gunicorn", application, *ours[2:]]
    with served(command, port, environment, ROOT) as server:
        yield server
