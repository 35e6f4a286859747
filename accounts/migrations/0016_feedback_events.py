"""Feedback events on Supabase Realtime: a trigger that sends them, and a policy for their receiver.

The topic ``user:<id>`` is private to that user. The trigger calls ``realtime.send`` in the transaction
that writes the row. If Realtime is absent or fails, the row is written without an event; clients read
``feedback_status`` over REST.
Source: supabase.com/docs/guides/realtime/broadcast and .../realtime/authorization.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "0016_feedback_events.sql"

UNDO_POLICY = """
do $$ begin
  if to_regclass('realtime.messages') is not null then
    drop policy if exists "people hear their own news" on realtime.messages;
  end if;
end $$;
drop function private.admit_people();
drop function private.is_own_topic(text);
"""
UNDO_ANNOUNCEMENT = """
drop trigger feedback_announced on public.accounts_voiceconversation;
drop function private.announce_feedback();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_feedback_jobs")]

    operations = [migrations.RunSQL(SQL.read_text(), UNDO_POLICY + UNDO_ANNOUNCEMENT)]
