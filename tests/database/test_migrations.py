"""The migrations: in their order, reversible, and good for a PostgreSQL without Supabase."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
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
    "0010_staff_permissions",
    "0011_user_email_as_of",
    "0012_chat_events",
]
NAME = "linguaflex_plain"
MIGRATE = """
import json, sys
import django
from django.core.management import call_command
django.setup()
for target in json.loads(sys.argv[1]):
    call_command("migrate", *target, verbosity=0, skip_checks=False)"""


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


def test_go_there_on_a_postgresql_of_ones_own_with_the_stand_in(plain: str, tmp_path: Path) -> None:
    own = {
        "LINGUAFLEX_ENV": "local",
        "LINGUAFLEX_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "linguaflex.settings",
        "DATABASE_URL": plain,
        "SUPABASE_URL": "",
    }
    migrate(own, [])
    assert rows("select to_regclass('auth.users')::text") == [("auth.users",)]
    assert rows("select count(*) from accounts_user") == [(0,)]


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
    migrate(production, [], ["accounts", "zero"], [])
    assert rows("select to_regclass('auth.users'), to_regclass('conversation_search')::text") == [
        (None, "conversation_search")
    ]
    assert rows("select count(*) from pg_class where relname ~ '^accounts_' and relrowsecurity") >= [(7,)]


def migrate(environment: dict[str, str], *targets: list[str]) -> None:
    """Migrates to one target after the other, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", MIGRATE, json.dumps(targets)],
        env={**os.environ, **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def rows(sql: str) -> list[tuple[Any, ...]]:
    """Rows of the second database."""
    parameters = {**connection.get_connection_params(), "dbname": NAME}
    database = psycopg2.connect(**{key: parameters[key] for key in ("host", "port", "user", "dbname")})
    try:
        with database.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()
    finally:
        database.close()
