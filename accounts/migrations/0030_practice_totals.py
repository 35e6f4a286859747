"""Triggers that keep the totals of conversations."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "0030_practice_totals.sql"
UNDO = """
drop trigger practice_inserted on public.accounts_voiceconversation;
drop trigger practice_updated on public.accounts_voiceconversation;
drop trigger practice_deleted on public.accounts_voiceconversation;
drop function private.recount_practice(uuid[]);
drop function private.count_practice_insert();
drop function private.count_practice_update();
drop function private.count_practice_delete();
drop function private.exact_score(double precision);
drop function private.hour_of(timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0029_practice")]

    operations = [migrations.RunSQL(SQL.read_text(), UNDO)]
