"""Puts the stand-in's schemas, roles and functions into a database."""

from pathlib import Path

from standins.supabase.pool import Cursor

FOLDER = Path(__file__).parent
SCRIPTS = ("schema.sql", "realtime.sql", "storage/storage.sql")
SCHEMA_SQL = "\n".join((FOLDER / name).read_text() for name in SCRIPTS)


def install(cursor: Cursor) -> None:
    """Creates what is missing; safe to repeat and to run in several processes at once."""
    cursor.execute(SCHEMA_SQL)
