"""The migrations: in their order, reversible, and good for a PostgreSQL without Supabase."""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import quote

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

NAMES = [
    "0001_user",
    "0002_teacher",
    "0003_gig",
    "0004_chat",
    "0005_message",
    "0006_row_level_security",
    "0007_voiceconversation",
    "0008_directory_and_search",
    "0009_fill_search_text",
]
NAME = "linguaflex_plain"


@pytest.fixture
def plain(transactional_db: None) -> Iterator[str]:
    """The URL of a second database of the same server, without Supabase's schemas."""
    with connection.cursor() as cursor:
        cursor.execute(f"drop database if exists {NAME} with (force)")
        cursor.execute(f"create database {NAME} template template0")
    host = connection.get_connection_params()["host"]
    yield f"postgresql://postgres@/{NAME}?host={quote(str(host), safe='')}"
    with connection.cursor() as cursor:
        cursor.execute(f"drop database {NAME} with (force)")


def test_stand_in_this_order() -> None:
    names = sorted(name for app, name in MigrationLoader(None).disk_migrations if app == "accounts")
    assert names == NAMES


def test_go_there_and_back_on_a_plain_postgresql(plain: str) -> None:
    production = {
        "LINGUAFLEX_ENV": "production",
        "DJANGO_SETTINGS_MODULE": "linguaflex.settings",
        "DJANGO_SECRET_KEY": "x" * 60,
        "DATABASE_URL": plain,
        "SUPABASE_URL": "https://abcd.supabase.co",
        "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_x",
        "SUPABASE_SECRET_KEY": "sb_secret_x",
    }
    for target in ([], ["accounts", "zero"], []):
        done = subprocess.run(
            [sys.executable, "manage.py", "migrate", *target, "--verbosity=0"],
            env={**os.environ, **production},
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    parameters = {**connection.get_connection_params(), "dbname": NAME}
    database = psycopg2.connect(**{key: parameters[key] for key in ("host", "port", "user", "dbname")})
    with database, database.cursor() as cursor:
        cursor.execute("select to_regclass('auth.users'), to_regclass('conversation_search')::text")
        assert cursor.fetchone() == (None, "conversation_search")
        cursor.execute("select count(*) from pg_class where relname ~ '^accounts_' and relrowsecurity")
        assert cursor.fetchone() >= (7,)
    database.close()
