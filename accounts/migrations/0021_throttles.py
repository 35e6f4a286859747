"""The table of throttled requests, and the functions that count in it, shared by all processes."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "0021_throttles.sql"
UNDO = """
drop function private.forget_guesses(text, text);
drop function private.count_guess(text, text);
drop function private.guess_delay(timestamptz[], timestamptz[]);
drop function private.count_request(text, integer, interval);
drop function private.counted_since(text, timestamptz);
drop function private.save_throttle(text, timestamptz[], timestamptz, interval);
drop table public.accounts_throttle;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0020_digests_of_deleted_messages")]

    operations = [migrations.RunSQL(SQL.read_text(), UNDO)]
