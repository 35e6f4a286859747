"""What the doctor finds in the database, each fault beside a sound database."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts import checks as system_checks
from accounts.doctor import database, realtime, storage, workers
from accounts.models import WorkerHeartbeat
from accounts.services import feedback
from tests.fixtures.doctor import findings, sentences
from tests.fixtures.pictures import Bucket
from tests.fixtures.slow_servers import silent_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("supabase")]

_, POOLER, MIGRATIONS, ROW_LEVEL_SECURITY = ([check] for check in database.checks())
POLICIES, CHANNELS = ([check] for check in realtime.checks())


def sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_a_sound_database_has_no_findings() -> None:
    assert findings([*database.checks(), *realtime.checks()]) == []
    assert system_checks.database_is_protected(databases=["default"]) == []


@pytest.mark.slow
def test_a_database_that_never_answers_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with silent_server() as port:
        check_unreachable(monkeypatch, port)


def test_an_unreachable_database_is_one_error_and_the_others_are_not_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    check_unreachable(monkeypatch, 9)


def check_unreachable(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """The doctor names the database as unreachable at ``port``, and runs no other check of it."""
    parameters = {"host": "127.0.0.1", "port": port, "user": "u", "password": "hidden", "dbname": "d"}
    own = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = unreachable = own.copy()
    monkeypatch.setattr(unreachable, "get_connection_params", lambda: parameters)
    try:
        found = sentences([*database.checks(), *realtime.checks()])
    finally:
        connections[DEFAULT_DB_ALIAS] = own
    assert found.startswith("The database cannot be reached: connection to server at")
    assert found.count("the check 'database: connection' has failed") == 5
    assert "hidden" not in found


def test_unapplied_migrations_are_found() -> None:
    MigrationRecorder.Migration.objects.filter(app="accounts", name__startswith="003").delete()
    found = sentences(MIGRATIONS)
    assert "migrations have not been applied, the first is accounts.0030_practice_totals" in found


# --------------------------------------------------------------------------- row level security


def test_a_table_without_row_level_security_is_found() -> None:
    sql("alter table accounts_message disable row level security")
    assert findings(ROW_LEVEL_SECURITY) == ["row_level_security_off"]
    assert "off for accounts_message:" in sentences(ROW_LEVEL_SECURITY)
    (message,) = system_checks.database_is_protected(databases=["default"])
    assert message.id == "accounts.row_level_security_off"


def test_a_table_of_another_owner_is_found_if_it_is_one_of_ours() -> None:
    sql("create role another", "create table newcomer ()", "alter table newcomer owner to another")
    sql("create role app", "grant usage on schema public to app", "set local role app")
    assert findings(ROW_LEVEL_SECURITY) == []
    sql("reset role", "alter table accounts_gig disable row level security", "set local role app")
    assert "off for accounts_gig:" in sentences(ROW_LEVEL_SECURITY)


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("grant select on accounts_user to anon", "accounts_user"),
        ("create view seen as select 1; grant select on seen to authenticated", "seen"),
        ("grant update (title) on accounts_gig to authenticated", "accounts_gig"),
        ("create function everybodys() returns int language sql as 'select 1'", "everybodys()"),
    ],
)
def test_privileges_of_the_api_roles_are_found(statement: str, name: str) -> None:
    sql(statement)
    assert findings(ROW_LEVEL_SECURITY) == ["api_roles_have_privileges"]
    assert f"privileges on {name}." in sentences(ROW_LEVEL_SECURITY)


# ------------------------------------------------------------------------------------ Realtime


@pytest.mark.parametrize("name", realtime.POLICIES)
def test_a_missing_policy_is_found(name: str) -> None:
    sql(f'drop policy "{name}" on realtime.messages')
    assert f"are missing: {name}." in sentences(POLICIES)
    assert "realtime_policies_missing" in findings(POLICIES)
    found = [each.id for each in system_checks.database_is_protected(databases=["default"])]
    assert found == ["accounts.realtime_policies_missing"]


def test_a_database_without_realtime_is_found() -> None:
    sql("alter function realtime.send(jsonb, text, text, boolean) rename to send_away")
    assert findings(realtime.checks()) == ["realtime_missing"]


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ('drop policy "chat members listen" on realtime.messages', "chat: channels"),
        ('drop policy "people hear their own news" on realtime.messages', "user: channels"),
        (
            "revoke execute on function private.is_chat_member(text) from authenticated",
            "user: channels and chat: channels",
        ),
        ("revoke select on realtime.messages from authenticated", "user: channels and chat: channels"),
        (
            "create policy no on realtime.messages as restrictive to authenticated using (false)",
            "user: channels and chat: channels",
        ),
    ],
)
def test_members_who_cannot_listen_are_found(statement: str, names: str) -> None:
    sql(statement)
    assert findings(CHANNELS) == ["realtime_refuses_members"]
    assert f"let users listen to {names}:" in sentences(CHANNELS)


@pytest.mark.parametrize(
    "statement",
    [
        "alter table realtime.messages disable row level security",
        "create policy open on realtime.messages for select to authenticated using (true)",
        "create policy open on realtime.messages for select to anon using (true)",
    ],
)
def test_strangers_who_can_listen_are_found(statement: str) -> None:
    sql(statement)
    assert findings(CHANNELS) == ["realtime_admits_strangers"]
    assert "everybody listen to user: channels and chat: channels," in sentences(CHANNELS)


def test_the_check_of_the_channels_leaves_nothing_behind() -> None:
    counts = "select (select count(*) from accounts_user), (select count(*) from realtime.messages), role"
    with connection.cursor() as cursor:
        cursor.execute(f"{counts} from current_user role")
        before = cursor.fetchone()
        assert findings(CHANNELS) == []
        cursor.execute(f"{counts} from current_user role")
        assert cursor.fetchone() == before


# ------------------------------------------------------------------------------------- Storage


@pytest.fixture
def insert_policy(uploads: Bucket) -> Iterator[Callable[..., None]]:
    """Creates a policy, committed at once: the lock of an open transaction would stop the stand-in."""

    def create(role: str, condition: str) -> None:
        uploads.sql("drop policy if exists of_the_test on storage.objects")
        policy = "create policy of_the_test on storage.objects for insert"
        uploads.sql(f"{policy} to {role} with check ({condition})")

    yield create
    uploads.sql("drop policy if exists of_the_test on storage.objects")


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_a_bucket_to_which_clients_may_upload_is_found(
    insert_policy: Callable[..., None], uploads: Bucket, role: str
) -> None:
    assert findings(storage.checks()) == []
    insert_policy(role, "bucket_id = 'another'")
    assert findings(storage.checks()) == []
    insert_policy(role, "true")
    assert f"with the role {role} may upload" in sentences(storage.checks())
    assert uploads.names() == ["doctor/1.webp"], "nothing of the check is left"


def test_a_database_without_storage_is_not_checked() -> None:
    sql("alter schema storage rename to storage_away")
    assert findings(storage.checks()) == []


# -------------------------------------------------------------------------------------- pooler


class Pool:
    """Connections that share ``size`` server processes, in rotation or always the same.

    With size 0, each connection has a process of its own.
    """

    def __init__(self, size: int, *, in_rotation: bool) -> None:
        self._processes = itertools.cycle(range(size)) if in_rotation else itertools.repeat(0)
        self._own = itertools.count(100)
        self.is_shared = size > 0

    def connect(self) -> "PooledConnection":
        return PooledConnection(self._processes if self.is_shared else itertools.repeat(next(self._own)))


class PooledConnection:
    """A connection, and its cursor, whose transactions run in these processes."""

    def __init__(self, processes: Iterator[int]) -> None:
        self._processes = processes

    def cursor(self) -> Any:
        return contextlib.nullcontext(self)

    def execute(self, statement: str) -> None:
        assert statement == "select pg_backend_pid()"

    def fetchone(self) -> tuple[int]:
        return (next(self._processes),)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 20])
@pytest.mark.parametrize("in_rotation", [True, False])
def test_a_pooler_in_transaction_mode_is_recognised_in_every_order_of_its_processes(
    monkeypatch: pytest.MonkeyPatch, size: int, in_rotation: bool
) -> None:
    monkeypatch.setattr(database, "new_connection", Pool(size, in_rotation=in_rotation).connect)
    assert database.shares_backends() == (size > 0)
    assert findings(POOLER) == (["pooler_transaction_mode"] if size else [])


def test_port_6543_without_a_pooler_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    assert findings(POOLER) == ["pooler_session_mode"]


# ------------------------------------------------------------------------------------- workers

QUEUES = ("default", "calls")


@pytest.fixture
def at(settings: Any) -> datetime:
    """The present instant, on a production server."""
    settings.LOCAL = False
    return timezone.now()


def test_workers_that_live_are_sound(at: datetime) -> None:
    WorkerHeartbeat.objects.record(QUEUES, at=at - timedelta(seconds=59))
    assert findings(workers.checks(at)) == []


def test_locally_the_workers_are_not_checked() -> None:
    assert workers.checks(timezone.now()) == []


def test_queues_without_a_worker_are_found(at: datetime) -> None:
    assert findings(workers.checks(at)) == ["worker_not_seen", "worker_not_seen"]
    WorkerHeartbeat.objects.record(["calls"], at=at)
    WorkerHeartbeat.objects.record(["default"], at=at - timedelta(seconds=61))
    assert "No worker of the queue default was seen" in sentences(workers.checks(at))


def test_jobs_that_wait_for_too_long_are_found(at: datetime) -> None:
    WorkerHeartbeat.objects.record(QUEUES, at=at)
    due = at - timedelta(seconds=31)
    feedback.generate_feedback.using(run_after=due, queue_name="calls").enqueue(0)
    assert "queue calls has waited for 31 s, and 1 jobs are due." in sentences(workers.checks(at))
