"""The words of a gig and of its teacher's user in one column, with one index for each kind of word.

The indexes are built without blocking writes. If that fails, drop those of ``gig_full_search`` and
``gig_full_short_search`` that exist, also valid ones, reverse to 0032 with ``--fake``, drop the column
``full_search_text`` and the functions of the SQL file with their triggers, and migrate again.
"""

from pathlib import Path
from typing import Any

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

SQL = Path(__file__).with_name("sql") / "0032_gig_search.sql"
UNDO = """
drop trigger gig_search_filled on public.accounts_gig;
drop trigger gig_search_refreshed on public.accounts_user;
drop function private.fill_gig_search();
drop function private.refresh_gig_search();
"""
BATCH = 500
# The trigger computes the text of each updated row.
FILL = """
update accounts_gig set full_search_text = '' where id in (
  select id from accounts_gig where id > %s order by id limit %s) returning id"""
PG_TRGM = "select extnamespace::regnamespace::text from pg_extension where extname = 'pg_trgm'"


def fill(apps: Any, schema_editor: Any) -> None:
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(FILL, [last, BATCH])
            if not (ids := [pk for (pk,) in cursor.fetchall()]):
                return
            last = max(ids)


def create_trigrams(name: str, column: str) -> Any:
    """Creates a trigram index on gigs. pg_trgm may be in any schema and not in search_path."""

    def create(apps: Any, schema_editor: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(PG_TRGM)
            [schema] = cursor.fetchone()
        operators = f"{column} {schema}.gin_trgm_ops"
        schema_editor.execute(f"create index concurrently {name} on accounts_gig using gin ({operators})")

    return create


def drop(name: str) -> Any:
    """Drops an index."""
    return lambda apps, schema_editor: schema_editor.execute(f"drop index concurrently {name}")


def trigrams(name: str, column: str) -> Any:
    return django.contrib.postgres.indexes.GinIndex(fields=[column], name=name, opclasses=["gin_trgm_ops"])


def short_substrings() -> Any:
    substrings = models.Func(
        "full_search_text",
        function="private.short_substrings",
        output_field=django.contrib.postgres.fields.ArrayField(models.TextField()),
    )
    return django.contrib.postgres.indexes.GinIndex(substrings, name="gig_full_short_search")


OLD, NEW = ("gig_search", "search_text"), ("gig_full_search", "full_search_text")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0031_count_practice")]

    operations = [
        migrations.AddField("gig", "full_search_text", models.TextField(db_default="", editable=False)),
        migrations.RunSQL(SQL.read_text(), UNDO),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(create_trigrams(*NEW), drop(NEW[0]))],
            [migrations.AddIndex("gig", trigrams(*NEW))],
        ),
        AddIndexConcurrently("gig", short_substrings()),
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(drop(OLD[0]), create_trigrams(*OLD))],
            [migrations.RemoveIndex("gig", OLD[0])],
        ),
        RemoveIndexConcurrently("gig", "gig_short_search"),
    ]
