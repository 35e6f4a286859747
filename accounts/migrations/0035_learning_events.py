"""Events of comments, shares and corrections on Supabase Realtime, sent by triggers.

The policies of migrations 0012 and 0016 decide who receives them. If Realtime is absent or fails, the row is
written without an event; clients read the rows over REST.
Source: supabase.com/docs/guides/realtime/broadcast and .../realtime/authorization.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "0035_learning_events.sql"
UNDO = """
drop trigger correction_announced on public.accounts_correction;
drop trigger share_deletion_announced on public.accounts_share;
drop trigger share_end_announced on public.accounts_share;
drop trigger share_announced on public.accounts_share;
drop trigger comment_change_announced on public.accounts_comment;
drop trigger comment_announced on public.accounts_comment;
drop function private.announce_correction(), private.announce_share(), private.announce_comment(),
  private.announce_to(text, text, jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0034_corrections_and_cards")]

    operations = [migrations.RunSQL(SQL.read_text(), UNDO)]
