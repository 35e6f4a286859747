"""The commands of docs/operations/BACKUP.md: a dump, and its restore in a database that Supabase set up."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
import pytest
import requests
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.services import deletions
from standins.postgres import server as postgres
from standins.supabase import schema
from standins.supabase import server as supabase_server
from standins.supabase.config import Config
from standins.supabase.server import StandIn
from standins.tests.fixtures.auth import HASHER
from tests.database.test_row_level_security import AUDIT
from tests.fixtures.deployment import gunicorn_command
from tests.fixtures.nginx import Nginx, process, voice_contract
from tests.fixtures.people import Person, client_of
from tests.fixtures.processes import needs_proc, wait_for
from tests.fixtures.programs import ROOT
from tests.fixtures.sites import PATIENCE, free_port, is_ready
from tests.fixtures.worker_processes import production

pytestmark = [
    pytest.mark.lifecycle,
    needs_proc,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_auth"),
]
PAGE = (ROOT / "docs/operations/BACKUP.md").read_text()
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ACCOUNT = {"email": "keeper@example.com", "password": "correct horse"}
RESTORED = "restored"
# What API roles may do with our functions, and the policies of Realtime.
RIGHTS = """
select r.rolname || ' may execute ' || p.oid::regprocedure from pg_proc p, pg_roles r
where p.pronamespace = 'private'::regnamespace and r.rolname in ('anon', 'authenticated')
  and has_schema_privilege(r.oid, 'private', 'usage') and has_function_privilege(r.oid, p.oid, 'execute')
union all
select policyname || ' on ' || tablename || ': ' || qual from pg_policies
order by 1"""


@dataclass
class Restored:
    """A database with Supabase's schemas, and the servers on it."""

    url: str
    supabase_url: str

    def connect(self) -> Any:
        return psycopg2.connect(self.url)

    def variables(self) -> dict[str, str]:
        """The environment of LinguaFlex's commands."""
        found = {"DATABASE_URL": self.url, "SUPABASE_URL": self.supabase_url}
        return production() | found | {"ALLOWED_HOSTS": "127.0.0.1", "TRUSTED_PROXY_COUNT": "1"}

    def rows(self, sql: str) -> list[Any]:
        with closing(self.connect()) as opened, opened.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())


@pytest.fixture
def restored(supabase: Any) -> Iterator[Restored]:
    """An empty database, as a new project of Supabase has it, with a stand-in of its own."""
    with connection.cursor() as cursor:
        cursor.execute(f"create database {RESTORED}")
    sock = supabase_server.bind(0)
    parameters = connection.get_connection_params()
    url = f"postgresql://postgres@/{RESTORED}?host={quote(str(parameters['host']), safe='')}"
    database = Restored(url, f"http://127.0.0.1:{sock.getsockname()[1]}")
    with closing(database.connect()) as opened, opened, opened.cursor() as cursor:
        schema.install(cursor)
    stand_in = StandIn(
        Config(
            url=database.supabase_url,
            site_url="http://127.0.0.1:3000",
            load_keys=lambda: settings.SUPABASE_KEYS,
            connect=database.connect,
            storage_dir=settings.LINGUAFLEX_DATA_DIR / "restored-storage",
            password_hasher=HASHER,
            print_mails=False,
        )
    )
    stand_in.start(sock)
    try:
        yield database
    finally:
        stand_in.stop()
        with connection.cursor() as cursor:
            cursor.execute(f"drop database {RESTORED} with (force)")


class Shell:
    """Runs blocks of the page in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        programs = postgres.running(Path(settings.DATABASES["default"]["DATA_DIR"])).programs
        self._path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])

    def run(self, block: str, variables: dict[str, str]) -> str:
        """The output of a block, which must succeed."""
        script = f"set -euo pipefail\n{block}".replace("manage.py", f"{ROOT}/manage.py")
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self._folder,
            env=variables | {"PATH": self._path},
            capture_output=True,
            text=True,
            timeout=PATIENCE * 2,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def contents(query: Callable[[str], list[Any]]) -> dict[str, Any]:
    """The number and a digest of the rows of each table, and the last value of each sequence."""
    tables = [name for (name,) in query("select tablename from pg_tables where schemaname = 'public'")]
    digest = "select count(*), md5(string_agg(t::text, '|' order by t::text)) from public.{} t"
    found = {name: query(digest.format(name)) for name in tables}
    accounts = "select id, email, encrypted_password from auth.users order by id"
    sequences = "select sequencename, last_value from pg_sequences where schemaname = 'public' order by 1"
    return found | {"auth.users": query(accounts), "sequences": query(sequences)}


def query(sql: str) -> list[Any]:
    """Rows of the test database."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


@pytest.fixture
def stored(student: Person, teacher: Person) -> None:
    """Rows of every kind of trigger, and an account with a password."""
    assert client_of().post("/accounts/register/", {**ACCOUNT, "name": "Keeper"}).status_code == 201
    student.save_conversation()
    chat = student.open_chat(teacher)
    student.write(chat)
    teacher.write(chat, "¿Qué tal?")
    teacher.offer()


def test_a_backup_is_restored_in_another_project(
    stored: None, restored: Restored, stranger: Person, tmp_path: Path
) -> None:
    dump, note, restore, complete = BLOCK.findall(PAGE)
    shell = Shell(tmp_path)
    source = production()
    shell.run(dump, source)
    before, rights = contents(query), query(RIGHTS)
    deletions.repeat_deletion(user_id=stranger.user.pk, at=timezone.now())
    shell.run(note, source)

    shell.run(restore, source | {"DATABASE_URL": restored.url})
    assert contents(restored.rows) == before
    assert restored.rows("select count(*) from realtime.messages") == [(0,)]

    assert "Deleted 1 users again." in shell.run(complete, restored.variables())
    present = f"select deleted_at is null from accounts_user where id = '{stranger.user.pk}'"
    assert restored.rows(present) == [(False,)]
    assert restored.rows(AUDIT) == []
    assert restored.rows(RIGHTS) == rights
    check_servers(restored)


def check_servers(restored: Restored) -> None:
    """An account from before the backup signs in, and the voice contract holds."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="linguaflex-restored-")))
        folder.chmod(0o755)
        port = free_port()
        proxy, log = Nginx(folder, [port]), folder / "gunicorn.log"
        command = [sys.executable, "-m", *gunicorn_command(port)]
        stack.enter_context(process(command, ROOT, log, restored.variables()))
        assert wait_for(lambda: is_ready(f"http://127.0.0.1:{port}"), PATIENCE), log.read_text()
        stack.enter_context(proxy.running())
        url = f"{proxy.https_url}/accounts/login/"
        session = requests.post(url, json=ACCOUNT, verify=str(proxy.certificate), timeout=PATIENCE)
        assert session.status_code == 200, session.text
        assert " 0 failed" in voice_contract(proxy, session.json()["access_token"])
