"""The options of DATABASE_URL: PostgreSQL's own, those of other tools, and unknown ones."""

import logging

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql.base import DatabaseWrapper

from linguaflex.database_options import DEFAULTS, own_options
from tests.fixtures.environments import HOSTED, Load, run_python

URL = "postgresql://postgres:hidden@db.abcd.supabase.co:5432/postgres"
FOREIGN = [
    "pgbouncer=true",
    "connection_limit=1",
    "pool_timeout=0",
    "schema=public",
    "statement_cache_size=0",
    "supa=base-pooler.x",
    "workaround=supabase-pooler.vercel",
    "uselibpqcompat=true",
    "prepared_statements=false",
    "prepared_statement_cache_size=0",
    "prepareThreshold=0",
    "pool=5",
    "pool_size=10",
    "currentSchema=public",
    "pool_max_conns=10",
    "default_query_exec_mode=simple_protocol",
    "Maximum%20Pool%20Size=10",
    "conn_max_age=600",
    "atomic_requests=true",
    "autocommit=false",
    "isolation_level=serializable",
    "ssl=false",
    "serverVersion=15",
    "charset=utf8",
    "keepAlive=true",
    "ApplicationName=x",
    "acquire_timeout=5",
    "max_connections=5",
    "relationMode=prisma",
]


@pytest.mark.parametrize("option", FOREIGN)
def test_an_option_of_another_tool_is_dropped_with_a_sentence(
    load: Load, caplog: pytest.LogCaptureFixture, option: str
) -> None:
    with caplog.at_level(logging.WARNING):
        settings = load(**HOSTED | {"DATABASE_URL": f"{URL}?{option}&sslmode=require"})
    database = settings["DATABASES"]["default"]
    plain = load(**HOSTED | {"DATABASE_URL": f"{URL}?sslmode=require"})["DATABASES"]["default"]
    assert database == plain
    (record,) = caplog.records
    name = option.partition("=")[0].replace("%20", " ")
    assert record.getMessage().startswith(f"DATABASE_URL: {name} is ignored.")
    assert "hidden" not in record.getMessage()


def test_several_foreign_options_give_one_sentence(caplog: pytest.LogCaptureFixture) -> None:
    assert own_options("DATABASE_URL", "pgbouncer=true&schema=public&application_name=api") == {
        "application_name": "api"
    }
    (record,) = caplog.records
    assert "pgbouncer, schema are ignored" in record.getMessage()


@pytest.mark.parametrize(
    ("query", "mode"),
    [
        ("sslmode=no-verify", "require"),
        ("ssl=true", "require"),
        ("ssl=1", "require"),
        ("ssl=require", "require"),
        ("ssl=no-verify", "require"),
        ("ssl=verify-full", "verify-full"),
        ("ssl_require=true", "require"),
        ("ssl=false&sslmode=verify-full", "verify-full"),
        ("ssl=true&sslmode=verify-full", "verify-full"),
        ("ssl=true&sslmode=no-verify", "require"),
    ],
)
def test_a_foreign_spelling_of_encryption_keeps_it(query: str, mode: str) -> None:
    assert own_options("DATABASE_URL", query) == {"sslmode": mode}


@pytest.mark.parametrize(
    "query",
    [
        "foo=1",
        "ssl_mode=require",
        "sslmod=require",
        "cursor_factory=x",
        "dsn=x",
        "async=1",
        "sslmode=required",
        "sslmode=REQUIRE",
        "ssl=maybe",
        "channel_binding=yes",
        "target_session_attrs=master",
        "connect_timeout=10s",
        "sslrootcert=/no/such/file",
        "sslmode=require&pgbouncer=true&foo=1",
    ],
)
def test_an_unknown_option_or_value_is_refused_with_a_sentence(load: Load, query: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL has the option .*Expected ") as refusal:
        load(**HOSTED | {"DATABASE_URL": f"{URL}?{query}"})
    assert "\n" not in str(refusal.value) and "hidden" not in str(refusal.value)


def test_a_semicolon_between_options_is_refused(load: Load) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL separates options by ';'\. Expected '&'"):
        load(**HOSTED | {"DATABASE_URL": f"{URL}?pgbouncer=true;sslmode=require"})


def test_options_of_postgresql_are_kept_and_understood_by_the_driver(load: Load) -> None:
    options = {
        "sslmode": "require",
        "connect_timeout": "10",
        "application_name": "linguaflex api",
        "channel_binding": "prefer",
        "keepalives_idle": "30",
        "options": "-c statement_timeout=5000",
        "target_session_attrs": "read-write",
        "sslrootcert": "system",
    }
    query = "&".join(f"{name}={value}".replace(" ", "%20") for name, value in options.items())
    database = load(**HOSTED | {"DATABASE_URL": f"{URL}?{query}"})["DATABASES"]["default"]
    assert database["OPTIONS"] == DEFAULTS | options
    defaults = {"TIME_ZONE": None, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
    parameters = DatabaseWrapper(defaults | database).get_connection_params()
    assert parameters.items() >= options.items()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://postgres:[YOUR-PASSWORD]@db.abcd.supabase.co:5432/postgres",
        "postgresql://postgres:[Your Password]@db.abcd.supabase.co:5432/postgres",
        "postgresql://postgres:<password>@db.abcd.supabase.co:5432/postgres",
        "postgresql://postgres:hidden@[HOST]:5432/postgres",
    ],
)
def test_a_placeholder_is_refused_by_its_name(load: Load, url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL contains the placeholder [\[<]"):
        load(**HOSTED | {"DATABASE_URL": url})


@pytest.mark.parametrize(
    "url", ["//u:hidden@h/d", "jdbc:postgresql://h/d?password=hidden", "prisma://h/?k=hidden", "h:5432/d"]
)
def test_a_url_of_another_kind_is_refused_in_one_line(
    load: Load, recwarn: pytest.WarningsRecorder, url: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL ") as refusal:
        load(**HOSTED | {"DATABASE_URL": url})
    assert "hidden" not in str(refusal.value) and not list(recwarn)


@pytest.mark.slow
def test_a_command_prints_the_sentence_and_runs() -> None:
    variables = HOSTED | {"DATABASE_URL": f"{URL}?pgbouncer=true", "ALLOWED_HOSTS": "api.example.com"}
    done = run_python("manage.py", "check", **variables)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("DATABASE_URL: pgbouncer is ignored.") and "Traceback" not in done.stderr
    done = run_python("manage.py", "check", **variables | {"DATABASE_URL": f"{URL}?foo=1"})
    assert done.returncode == 1
    assert done.stderr.startswith("DATABASE_URL has the option 'foo'") and done.stderr.count("\n") == 1
