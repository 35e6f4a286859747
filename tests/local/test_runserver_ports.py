"""``manage.py runserver`` when the default port of a stand-in is in use."""

import contextlib
import re
import signal
import socket
from collections.abc import Iterator

import pytest

from linguaflex.local import ports
from tests.fixtures.processes import needs_proc
from tests.fixtures.sites import Site

pytestmark = [pytest.mark.lifecycle, needs_proc]

DEFAULT = 54321
UNSET = {"LINGUAFLEX_SUPABASE_PORT": ""}
MOVED = re.compile(rf"Port {DEFAULT} is in use: LINGUAFLEX_SUPABASE_PORT is (\d+) now\.")


@pytest.fixture
def taken() -> Iterator[None]:
    """Another program listens on the default port."""
    with socket.socket() as other:
        with contextlib.suppress(OSError):  # it is another program's already
            other.bind(("127.0.0.1", DEFAULT))
            other.listen()
        yield


def test_a_taken_default_port_is_replaced_and_other_terminals_find_it(
    stopped_site: Site, taken: None
) -> None:
    running = stopped_site.start(**UNSET)
    moved = MOVED.search(running.printed)
    assert moved, running.printed
    session = running.sign_in("ana@example.com")
    config = running.get("supabase/config/", session)
    assert config["url"] == f"http://127.0.0.1:{moved[1]}"
    assert f"{config['url']}/outbox" in running.printed
    assert ports.running(stopped_site.folder / ".linguaflex") == {"LINGUAFLEX_SUPABASE_PORT": int(moved[1])}
    done = stopped_site.run("createsuperuser", "--noinput", "--email=boss@example.com", **UNSET)
    assert done.returncode == 0, done.stderr
    assert stopped_site.sql("select count(*) from auth.users where email = 'boss@example.com'") == [(1,)]
    running.interrupt()
    assert ports.running(stopped_site.folder / ".linguaflex") == {}


def test_a_killed_server_leaves_no_ports(stopped_site: Site) -> None:
    running = stopped_site.start("--noreload")
    folder = stopped_site.folder / ".linguaflex"
    assert ports.running(folder) == {"LINGUAFLEX_SUPABASE_PORT": stopped_site.supabase_port}
    running.process.send_signal(signal.SIGKILL)
    running.process.wait()
    assert (folder / ports.FILE_NAME).exists()
    assert ports.running(folder) == {}
    stopped_site.start().interrupt()  # it stops the PostgreSQL server that the killed one has left
