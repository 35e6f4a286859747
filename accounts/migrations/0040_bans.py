"""Bans have an end: an instant in ``banned_until``, which the Realtime functions compare with ``now()``.

``is_active`` remains false for deleted accounts only. The old code and the new code refuse a banned user
also because the Supabase account is banned and has no session.
"""

from pathlib import Path

from django.db import migrations

import accounts.models.bans

SQL = Path(__file__).with_name("sql") / "0040_bans.sql"
MOVE = """
update public.accounts_user set banned_until = 'infinity', is_active = true
where not is_active and deleted_at is null"""
# A ban that has ended is no longer one.
MOVE_BACK = """
update public.accounts_user set is_active = false
where banned_until > now() and deleted_at is null"""
# The functions of migrations 0028 and 0016.
UNDO = """
create or replace function private.is_chat_member(topic text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.accounts_participant p join public.accounts_user u on u.id = p.user_id
    where p.chat_id = private.chat_of(topic) and u.is_active and u.deleted_at is null
      and u.id::text = nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
$$;

create or replace function private.is_own_topic(topic text) returns boolean
language sql stable security definer set search_path = '' as $$
  with me as (select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub' as sub)
  select exists (
    select 1 from me join public.accounts_user u
      on u.id = case when me.sub ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then me.sub::uuid end
    where topic = 'user:' || me.sub and u.is_active and u.deleted_at is null)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0039_worker_heartbeat")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="banned_until",
            field=accounts.models.bans.EndField(blank=True, editable=False, null=True),
        ),
        migrations.RunSQL(MOVE, MOVE_BACK),
        migrations.RunSQL(SQL.read_text(), UNDO),
    ]
