"""Creates the participants of existing chats. Its reversal copies them back to the chats.

Each batch is a transaction of its own, so that no lock lasts. Both users of an existing chat keep it in
their list: ``active_at`` is the chat's ``updated_at``. Reverse it together with migration 0028.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import migrations

BATCH = 1_000  # chats
COPY_BACK = Path(__file__).with_name("sql") / "0027_copy_back.sql"
COPIES = Path(__file__).with_name("sql") / "0026_copies_of_chats.sql"
# Migration 0028 drops these. They are created after the copy, which must not broadcast or copy again.
DROP = """
drop trigger if exists chat_copied on public.accounts_chat;
drop trigger if exists deletion_copied on public.accounts_message;
drop function if exists private.copy_chat(), private.copy_chat_of_message(),
  private.copy_to_participants(uuid[]);
drop trigger if exists reading_announced on public.accounts_chat;
"""
# The trigger of migration 0012.
READ_TRIGGER = """
create trigger reading_announced after update on public.accounts_chat
  for each row when (old.last_seq = new.last_seq and (old.first_read_seq <> new.first_read_seq
    or old.second_read_seq <> new.second_read_seq))
  execute function private.announce_read();
"""


def fill(apps: Any, schema_editor: Any) -> None:
    run_in_batches(apps, schema_editor, "select private.copy_to_participants(%s::uuid[])")


def copy_back(apps: Any, schema_editor: Any) -> None:
    run_in_batches(apps, schema_editor, COPY_BACK.read_text())


def run_in_batches(apps: Any, schema_editor: Any, statement: str) -> None:
    """Runs the statement with the ids of BATCH chats at a time."""
    connection = schema_editor.connection
    chats = apps.get_model("accounts", "Chat").objects.using(connection.alias)
    for batch in batches(chats.order_by("pk")):
        with connection.cursor() as cursor:
            cursor.execute(statement, [batch])


def batches(rows: Any) -> Iterator[list[Any]]:
    batch = list(rows.values_list("pk", flat=True)[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1]).values_list("pk", flat=True)[:BATCH])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0026_participant")]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, DROP + COPIES.read_text() + READ_TRIGGER),
        migrations.RunPython(fill, copy_back),
    ]
