"""Messages that staff have removed, and their mark in the events of a message.

Migration 0045 validates the constraint: a validation here would block all messages while it reads the table.
"""

from pathlib import Path

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

SQL = Path(__file__).with_name("sql") / "0044_removed_messages.sql"
UNDO = """
create or replace function private.announce_message() returns trigger
language plpgsql set search_path = '' as $$
declare
  event text := case when tg_op = 'INSERT' then 'message'
    when new.deleted_at is not null then 'deletion' else 'edit' end;
  instant constant text := 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"';
begin
  if to_regprocedure('realtime.send(jsonb,text,text,boolean)') is not null then
    perform realtime.send(
      jsonb_build_object('chat', new.chat_id, 'id', new.id, 'seq', new.seq, 'sender', new.sender_id,
        'content', new.content, 'client_id', new.client_id,
        'created_at', to_char(new.created_at at time zone 'UTC', instant),
        'edited_at', to_char(new.edited_at at time zone 'UTC', instant),
        'deleted_at', to_char(new.deleted_at at time zone 'UTC', instant)),
      event, 'chat:' || new.chat_id, true);
  end if;
  return null;
exception when others then
  raise warning 'A chat event was not announced: %', sqlerrm;
  return null;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0043_feedback_job")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="removed_by_staff",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        AddConstraintNotValid(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("removed_by_staff", False), ("deleted_at__isnull", False), _connector="OR"
                ),
                name="message_removed_by_staff_is_deleted",
            ),
        ),
        migrations.RunSQL(SQL.read_text(), UNDO),
    ]
