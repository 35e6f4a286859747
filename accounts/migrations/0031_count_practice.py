"""Counts the existing conversations, in batches of users.

Conversations that are written meanwhile wait for the end of a batch.
"""

from typing import Any

from django.db import migrations, transaction

BATCH = 100  # users
NEXT_USERS = """
select array_agg(user_id) from (
  select distinct user_id from accounts_voiceconversation where user_id > %s order by user_id limit %s
) people"""


def count(apps: Any, schema_editor: Any) -> None:
    last = "00000000-0000-0000-0000-000000000000"
    with schema_editor.connection.cursor() as cursor:
        while people := next_users(cursor, last):
            with transaction.atomic(using=schema_editor.connection.alias):
                cursor.execute("select private.recount_practice(%s::uuid[])", [people])
            last = people[-1]


def next_users(cursor: Any, after: str) -> list[str]:
    """The next BATCH users with conversations, in the order of their ids."""
    cursor.execute(NEXT_USERS, [after, BATCH])
    return sorted(map(str, cursor.fetchone()[0] or []))


class Migration(migrations.Migration):
    atomic = False  # each batch is a transaction
    dependencies = [("accounts", "0030_practice_totals")]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
