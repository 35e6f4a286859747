"""Chat events on Supabase Realtime: triggers that send them, and policies that restrict the receivers.

The triggers call ``realtime.send`` in the transaction that writes the row: a rollback sends nothing.
If Realtime is absent or fails, the row is written without an event; clients fetch missed messages
over REST. Clients may write presence only: Realtime checks the policies without the event's name, so a
policy that allowed one kind of broadcast would allow forged messages too.
Source: supabase.com/docs/guides/realtime/broadcast and .../realtime/authorization.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "0012_chat_events.sql"

UNDO_POLICIES = """
do $$ begin
  if to_regclass('realtime.messages') is not null then
    drop policy if exists "chat members listen" on realtime.messages;
    drop policy if exists "chat members are present" on realtime.messages;
  end if;
end $$;
drop function private.admit_chat_members();
"""
UNDO_ANNOUNCEMENTS = """
drop trigger message_announced on public.accounts_message;
drop trigger message_change_announced on public.accounts_message;
drop trigger reading_announced on public.accounts_chat;
drop function private.announce_read(), private.announce_message(), private.instant(timestamptz),
  private.announce(uuid, text, jsonb);
"""
UNDO_MEMBERSHIP = "drop function private.is_chat_member(text), private.chat_of(text);"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_user_email_as_of")]

    operations = [migrations.RunSQL(SQL.read_text(), UNDO_POLICIES + UNDO_ANNOUNCEMENTS + UNDO_MEMBERSHIP)]
