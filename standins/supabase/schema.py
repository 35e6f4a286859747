"""Creates the schemas, roles, tables and functions of Supabase in a database."""

from pathlib import Path

from standins.supabase.pool import Cursor

FOLDER = Path(__file__).parent
SCRIPTS = ("schema.sql", "realtime.sql", "storage/storage.sql")
SCHEMA_SQL = "\n".join((FOLDER / name).read_text() for name in SCRIPTS)


def install(cursor: Cursor) -> None:
    """Creates what is missing. Idempotent; several processes may run it at the same time."""
    cursor.execute(SCHEMA_SQL)
