"""Chats lose the columns of their two users: everything reads and writes the participants.

A new message is recorded by ``private.record_message``; read marks are announced from the participants.
Reverse this migration together with 0027, which fills the columns again.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "0028_events_of_participants.sql"
# The functions of migration 0012. The trigger on chats is created by the reversal of 0027.
UNDO = """
drop trigger reading_announced on public.accounts_participant;
drop function private.record_message(uuid, uuid, bigint, timestamptz);
create function private.instant(at timestamptz) returns text
language sql stable set search_path = '' as $$
  select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
revoke all on function private.instant(timestamptz) from public;
create or replace function private.announce_message() returns trigger
language plpgsql set search_path = '' as $$
declare
  event text := case when tg_op = 'INSERT' then 'message'
    when new.deleted_at is not null then 'deletion' else 'edit' end;
begin
  perform private.announce(new.chat_id, event, jsonb_build_object(
    'chat', new.chat_id, 'id', new.id, 'seq', new.seq, 'sender', new.sender_id, 'content', new.content,
    'client_id', new.client_id, 'created_at', private.instant(new.created_at),
    'edited_at', private.instant(new.edited_at), 'deleted_at', private.instant(new.deleted_at)));
  return null;
end $$;
create or replace function private.announce_read() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.first_read_seq <> old.first_read_seq then
    perform private.announce(new.id, 'read',
      jsonb_build_object('chat', new.id, 'reader', new.first_id, 'seq', new.first_read_seq));
  end if;
  if new.second_read_seq <> old.second_read_seq then
    perform private.announce(new.id, 'read',
      jsonb_build_object('chat', new.id, 'reader', new.second_id, 'seq', new.second_read_seq));
  end if;
  return null;
end $$;
create or replace function private.is_chat_member(topic text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.accounts_chat c join public.accounts_user u on u.id in (c.first_id, c.second_id)
    where c.id = private.chat_of(topic) and u.is_active and u.deleted_at is null
      and u.id::text = nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0027_fill_participants")]

    operations = [
        migrations.RunSQL(SQL.read_text(), UNDO),
        migrations.RemoveConstraint(model_name="chat", name="chat_read_not_beyond_written"),
        migrations.RemoveIndex(model_name="chat", name="chat_of_first"),
        migrations.RemoveIndex(model_name="chat", name="chat_of_second"),
        migrations.RemoveField(model_name="chat", name="first_read_seq"),
        migrations.RemoveField(model_name="chat", name="second_read_seq"),
        migrations.RemoveField(model_name="chat", name="first_blocked_at"),
        migrations.RemoveField(model_name="chat", name="second_blocked_at"),
    ]
