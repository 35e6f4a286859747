"""Puts the stand-in's schemas, roles and functions into a database."""

from pathlib import Path

from linguaflex.local.supabase.database import Cursor

SCHEMA_SQL = (Path(__file__).parent / "schema.sql").read_text()


def install(cursor: Cursor) -> None:
    """Creates what is missing; safe to repeat and to run in several processes at once."""
    cursor.execute(SCHEMA_SQL)
