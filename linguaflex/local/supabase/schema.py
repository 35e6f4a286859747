"""Puts the stand-in's schemas, roles and functions into a database."""

from pathlib import Path

from linguaflex.local.supabase.database import Cursor

SCRIPTS = ("schema.sql", "realtime.sql")
SCHEMA_SQL = "\n".join((Path(__file__).parent / name).read_text() for name in SCRIPTS)


def install(cursor: Cursor) -> None:
    """Creates what is missing; safe to repeat and to run in several processes at once."""
    cursor.execute(SCHEMA_SQL)
