"""Counts what existing rows take, in batches of users. Writers do not wait."""

from typing import Any

from django.db import migrations, transaction

BATCH = 20  # users
NEXT_USERS = (
    "select array_agg(id) from (select id from accounts_user where id > %s order by id limit %s) people"
)


def count(apps: Any, schema_editor: Any) -> None:
    last = "00000000-0000-0000-0000-000000000000"
    with schema_editor.connection.cursor() as cursor:
        while people := next_users(cursor, last):
            with transaction.atomic(using=schema_editor.connection.alias):
                cursor.execute("select private.recount_stored_bytes(%s::uuid[])", [people])
            last = people[-1]


def next_users(cursor: Any, after: str) -> list[str]:
    """The next BATCH users, in the order of their ids."""
    cursor.execute(NEXT_USERS, [after, BATCH])
    return sorted(map(str, cursor.fetchone()[0] or []))


class Migration(migrations.Migration):
    atomic = False  # each batch is a transaction
    dependencies = [("accounts", "0047_stored_bytes")]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
