"""What belongs to one user of a chat gets a row of its own.

Until migration 0028 the columns of the chat remain the source: triggers copy each change to the new rows,
so that processes with the previous code may run during the migration.
"""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_name("sql") / "0026_copies_of_chats.sql"
UNDO = """
drop trigger if exists chat_copied on public.accounts_chat;
drop trigger if exists deletion_copied on public.accounts_message;
drop function if exists private.copy_chat(), private.copy_chat_of_message(),
  private.copy_to_participants(uuid[]);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0025_search_fold")]

    operations = [
        migrations.CreateModel(
            name="Participant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("read_seq", models.PositiveBigIntegerField(default=0)),
                ("unread_count", models.PositiveBigIntegerField(default=0)),
                ("blocked_at", models.DateTimeField(blank=True, null=True)),
                ("active_at", models.DateTimeField(blank=True, null=True)),
                (
                    "chat",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="participants",
                        to="accounts.chat",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(
                fields=("chat", "user"),
                name="participant_once_per_chat",
                violation_error_message="This user is already in the chat.",
            ),
        ),
        migrations.AddIndex(
            model_name="participant",
            index=models.Index(fields=["user", "-active_at", "-chat"], name="participant_by_activity"),
        ),
        migrations.RunSQL(SQL.read_text(), UNDO),
    ]
