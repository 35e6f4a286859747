"""The event ``chat`` on Supabase Realtime, for lists of chats.

The policy of migration 0016 decides who receives it.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "0046_chat_list_events.sql"
UNDO = """
drop trigger chat_announced on public.accounts_participant;
drop trigger chat_change_announced on public.accounts_participant;
drop trigger chat_reading_announced on public.accounts_participant;
drop trigger chats_of_messages_announced on public.accounts_message;
drop function private.announce_chat(), private.announce_chats_of_messages();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0045_validate_removed_messages")]

    operations = [migrations.RunSQL(SQL.read_text(), UNDO)]
