"""The limit of the time that a process waits for an answer of PostgreSQL."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.core.management import call_command
from psycopg2 import extensions

from accounts.models import database_waits
from accounts.models.database_waits import WaitCallback
from linguaflex.operations.management.commands.db_worker import STATEMENT_SECONDS
from tests.fixtures.people import CARDS, VOICE, Person
from tests.fixtures.slow_servers import silent_server
from tests.fixtures.supabase import connect

pytestmark = pytest.mark.django_db
LIMIT = 0.5
PAUSE = "select pg_sleep(3)"


@pytest.fixture
def callback() -> Iterator[WaitCallback]:
    """The limit of this process is LIMIT, in the test only."""
    database_waits.limit(LIMIT)
    yield extensions.get_wait_callback()
    extensions.set_wait_callback(None)


def seconds_of(call: Callable[[], object]) -> float:
    """The seconds until a call ends with the error of the limit, LIMIT."""
    begun = time.monotonic()
    with pytest.raises(psycopg2.OperationalError, match=rf"^PostgreSQL has not answered for {LIMIT:g} s\.$"):
        call()
    return time.monotonic() - begun


def test_a_server_that_accepts_and_never_answers_is_an_error(callback: WaitCallback) -> None:
    with silent_server() as port:
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        assert LIMIT <= seconds_of(lambda: psycopg2.connect(url)) < 2


def test_a_statement_without_an_answer_is_an_error_and_closes_the_connection(callback: WaitCallback) -> None:
    with closing(connect()) as connection, connection.cursor() as cursor:
        assert LIMIT <= seconds_of(lambda: cursor.execute(PAUSE)) < 2
        assert connection.closed


def test_a_commit_without_an_answer_is_an_error(callback: WaitCallback) -> None:
    with closing(connect()) as connection, connection.cursor() as cursor:
        cursor.execute("create temporary table t (a int unique deferrable initially deferred)")
        cursor.execute(
            "create function pg_temp.pause() returns trigger language plpgsql as"
            " 'begin perform pg_sleep(3); return null; end'"
        )
        cursor.execute(
            "create constraint trigger pause after insert on t deferrable initially deferred"
            " for each row execute function pg_temp.pause()"
        )
        cursor.execute("insert into t values (1)")
        assert LIMIT <= seconds_of(connection.commit) < 2


def test_an_answer_in_parts_may_take_longer_than_the_limit(callback: WaitCallback) -> None:
    with closing(connect()) as connection, connection.cursor() as cursor:
        begun = time.monotonic()
        # Each row has 8 KB, which PostgreSQL sends before the next one.
        cursor.execute("select repeat('x', 8192), pg_sleep(0.1) from generate_series(1, 8)")
        assert time.monotonic() - begun > LIMIT
        assert cursor.rowcount == 8


def test_after_a_silence_waits_are_short_until_a_statement_is_answered(
    callback: WaitCallback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_waits, "SECONDS_AFTER_SILENCE", 0.3)
    with closing(connect()) as connection, connection.cursor() as cursor:
        seconds_of(lambda: cursor.execute(PAUSE))
    assert callback.limit() == 0.3
    with closing(connect()) as connection, connection.cursor() as cursor:
        assert callback.limit() == 0.3, "a pooler accepts connections, too"
        cursor.execute("select 1")
        assert callback.limit() == LIMIT


def test_an_unhurried_statement_has_its_own_limit(callback: WaitCallback) -> None:
    callback.is_silent = True
    with closing(connect()) as connection, connection.cursor() as cursor:
        with database_waits.unhurried(10):
            cursor.execute("select pg_sleep(0.8)")
        seconds_of(lambda: cursor.execute(PAUSE))


def test_other_errors_stay_what_they_are(callback: WaitCallback) -> None:
    with closing(connect()) as connection, connection.cursor() as cursor:
        with pytest.raises(psycopg2.errors.QueryCanceled):
            cursor.execute("set statement_timeout = 50; select pg_sleep(0.15)")
        connection.rollback()
        with pytest.raises(psycopg2.errors.DivisionByZero):
            cursor.execute("select 1 / 0")
        assert not connection.closed


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "table"),
    [
        (f"{VOICE}summary/", "accounts_practicekind"),
        (f"{VOICE}summary/?since=2000-01-01", "accounts_voiceconversation"),
        (f"{VOICE}progress/", "accounts_practicehour"),
        (f"{CARDS}summary/", "accounts_card"),
    ],
)
def test_statistics_end_in_postgresql_before_the_wait_for_them(
    student: Person, settings: Any, callback: WaitCallback, path: str, table: str
) -> None:
    callback.seconds = 10
    settings.DATABASE_TIMEOUT = LIMIT
    with closing(connect()) as other, other.cursor() as cursor:
        cursor.execute(f"lock table {table} in access exclusive mode")
        answer = student.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        assert not callback.is_silent
        cursor.execute("select count(*) from pg_locks where relation = %s::regclass and not granted", [table])
        assert cursor.fetchone() == (0,)
    assert student.client.get(path).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_worker_of_jobs_has_a_limit() -> None:
    try:
        call_command("db_worker", batch=True, startup_delay=False)
        assert extensions.get_wait_callback().seconds == STATEMENT_SECONDS
    finally:
        extensions.set_wait_callback(None)
