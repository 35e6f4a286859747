"""What each user stores, counted by triggers. Migration 0048 counts the rows from before."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_name("sql") / "0047_stored_bytes.sql"
UNDO = """
do $do$
declare
  name text;
  operation text;
begin
  foreach name in array array['voiceconversation', 'card', 'gig', 'message', 'comment', 'correction'] loop
    foreach operation in array array['insert', 'update', 'delete'] loop
      execute format('drop trigger stored_bytes_%2$s on public.accounts_%1$s', name, operation);
      execute format('drop function private.store_%s_%s()', name, operation);
    end loop;
  end loop;
end $do$;
drop trigger stored_bytes_summed_up on public.accounts_storedbytes;
drop function private.sum_up_stored_bytes(), private.recount_stored_bytes(uuid[]);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0046_chat_list_events")]

    operations = [
        migrations.CreateModel(
            name="StoredBytes",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("bytes", models.BigIntegerField()),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user"], include=("bytes",), name="stored_bytes_of_user")],
            },
        ),
        migrations.RunSQL(SQL.read_text(), UNDO),
    ]
