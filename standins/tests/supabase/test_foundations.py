"""Keys, schema, connection pool and port of the Supabase stand-in."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import jwt
import psycopg2
import pytest
from django.db import connection

from standins import serving
from standins.supabase import key_file, keys, schema, server
from standins.supabase import pool as connections
from standins.supabase.auth import sessions, users
from standins.supabase.pool import Pool, PoolExhausted
from standins.supabase.realtime import listener
from standins.tests.fixtures.auth import AuthApi, Connect, serve

API_ROLES = ("anon", "authenticated", "service_role")


def test_keys_are_created_once_and_readable_only_by_their_owner(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "data"
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(key_file.load_or_create, [directory] * 8))
    assert len({(each.kid, each.secret_key) for each in made}) == 1
    (file,) = directory.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    again = key_file.load_or_create(directory)
    assert again.verify(made[0].sign({"sub": "1", "exp": 2**33}))["sub"] == "1"
    assert again.publishable_key.startswith("sb_publishable_")
    assert key_file.load_or_create(tmp_path).secret_key != again.secret_key


@pytest.mark.parametrize("change", ["", "{", "[]", "{}", '{"private_key": "x"}', None])
def test_an_invalid_key_file_is_an_error_with_the_remedy(tmp_path: Path, change: str | None) -> None:
    key_file.load_or_create(tmp_path)
    file = tmp_path / key_file.FILE_NAME
    broken = json.dumps(json.loads(file.read_text()) | {"secret_key": 1})
    file.write_text(broken if change is None else change)
    with pytest.raises(key_file.InvalidKeyFile, match="delete it to get new ones"):
        key_file.load_or_create(tmp_path)


def test_the_repr_of_keys_hides_the_secret_key() -> None:
    made = keys.generate()
    assert made.secret_key not in repr(made)


def test_the_schema_can_be_installed_repeatedly_and_concurrently(no_accounts: None, auth: AuthApi) -> None:
    def install(_: int) -> None:
        with closing(auth.connect()) as connection, connection, connection.cursor() as cursor:
            schema.install(cursor)

    auth.sign_up()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(install, range(6)))
    assert auth.sign_in().status_code == 200


def test_api_roles_call_the_functions_and_read_no_table(no_accounts: None, auth: AuthApi) -> None:
    sub = "5f0c1a52-6f0e-4a52-9d57-0a3ad2b0c111"
    claims = json.dumps({"sub": sub, "role": "authenticated"})
    tables = auth.sql(
        "select schemaname || '.' || tablename from pg_tables where schemaname in ('auth', 'standin')"
    )
    assert ("auth.users",) in tables
    with closing(auth.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("select set_config('request.jwt.claims', %s, true)", (claims,))
        for role in API_ROLES:
            cursor.execute(f"set local role {role}")
            cursor.execute("select auth.uid()::text, auth.role(), auth.jwt() ->> 'sub'")
            assert cursor.fetchone() == (sub, "authenticated", sub)
            for (table,) in tables:
                cursor.execute("savepoint before")
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(f"select 1 from {table}")
                cursor.execute("rollback to before")


def test_accounts_and_sessions_can_be_created_with_a_cursor_of_django(db: None, auth: AuthApi) -> None:
    at = datetime.now(UTC)
    with connection.cursor() as cursor:
        user = users.create_user(cursor, email="Dj@example.com", user_metadata={"name": "Dj"})
        session = sessions.create_session(cursor, user.id, at=at, method="otp")
        assert users.find(cursor, user.id).user_metadata == {"name": "Dj"}  # type: ignore[union-attr]
        assert sessions.find(cursor, session.id) == session
        with pytest.raises(users.EmailTaken):
            users.create_user(cursor, email="dj@example.com")
    token = sessions.access_token(auth.keys, f"{auth.url}/auth/v1", user, session, at=at)
    claims = auth.keys.verify(token)
    assert claims["amr"] == [{"method": "otp", "timestamp": int(at.timestamp())}]
    assert jwt.get_unverified_header(token)["kid"] == auth.keys.kid


@pytest.fixture
def pool(db: None, auth: AuthApi) -> Iterator[Pool]:
    pool = Pool(auth.connect, size=2, max_idle=1)
    yield pool
    pool.close()


def test_a_pool_limits_its_open_and_its_idle_connections(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.05)
    with pool.transaction(), pool.transaction(), pytest.raises(PoolExhausted), pool.transaction():
        pass
    assert len(pool._idle) == 1
    with pool.transaction() as cursor:
        cursor.execute("show lock_timeout")
        assert cursor.fetchone() == ("5s",)
    pool.close()
    assert pool._idle == []


def test_a_pool_replaces_connections_that_the_server_dropped(pool: Pool, auth: AuthApi) -> None:
    with pool.transaction() as cursor:
        cursor.execute("select pg_backend_pid()")
        pid = (cursor.fetchone() or (0,))[0]
    auth.sql("select pg_terminate_backend(%s)", pid)
    with pool.transaction() as cursor:
        cursor.execute("select pg_backend_pid()")
        assert cursor.fetchone() != (pid,)


def test_a_transaction_is_rolled_back_by_an_exception(no_accounts: None, auth: AuthApi) -> None:
    pool = Pool(auth.connect, size=1, max_idle=0)
    with pytest.raises(ZeroDivisionError), pool.transaction() as cursor:
        users.create_user(cursor, email="new@example.com")
        raise ZeroDivisionError
    assert auth.sql("select count(*) from auth.users where email = 'new@example.com'") == [(0,)]
    assert pool._idle == []


def test_a_locked_row_is_answered_with_409(
    no_accounts: None, auth: AuthApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "SESSION_LIMITS", "set lock_timeout = '50ms'")
    auth.sign_up()
    with closing(auth.connect()) as other, other.cursor() as cursor:
        cursor.execute("select 1 from auth.users for update")
        answer = auth.call("POST", "/recover", {"email": "ana@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_the_error_of_a_taken_port_names_the_port_and_its_variable() -> None:
    with closing(server.bind(0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(serving.PortTaken) as taken:
            server.bind(port)
    assert f"Port {port}" in str(taken.value) and "LINGUAFLEX_SUPABASE_PORT" in str(taken.value)
    with closing(server.bind(port)):
        pass


def test_a_stopped_stand_in_releases_its_port(db: None, auth: AuthApi) -> None:
    with serve(auth.connect, auth.keys) as running:
        assert running.call("GET", "/health").status_code == 200
        address = ("127.0.0.1", int(running.url.rpartition(":")[2]))
    with socket.socket() as probe:
        assert probe.connect_ex(address) != 0


def test_an_unreachable_database_is_answered_with_503(auth: AuthApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "START_SECONDS", 0)  # otherwise the start waits for the database

    def unavailable() -> None:
        raise psycopg2.OperationalError("away")

    connect: Connect = unavailable  # type: ignore[assignment]
    with serve(connect, auth.keys) as running:
        assert running.sign_in().status_code == 503
        assert running.call("GET", "/.well-known/jwks.json").status_code == 200
