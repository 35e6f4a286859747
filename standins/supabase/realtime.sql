-- The schema of Supabase's Realtime (github.com/supabase/realtime) for broadcast and presence. Runs
-- after schema.sql, in the same transaction and under its lock.
create schema if not exists realtime;
grant usage on schema realtime to anon, authenticated, service_role;

-- Supabase partitions the table by day and drops old partitions; the stand-in deletes old rows.
create table if not exists realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default (now() at time zone 'utc'),
  inserted_at timestamp not null default (now() at time zone 'utc'),
  id uuid not null default gen_random_uuid(),
  -- Columns of the stand-in, with which listener.py finds newly committed rows.
  standin_transaction xid8 not null default pg_current_xact_id(),
  standin_position bigint generated always as identity,
  primary key (id, inserted_at)
);
create index if not exists messages_inserted_at_idx on realtime.messages (inserted_at);
create index if not exists messages_standin_transaction_idx on realtime.messages (standin_transaction);
grant select, insert, update on realtime.messages to anon, authenticated, service_role;

create or replace function realtime.topic() returns text language sql stable as $$
  select nullif(current_setting('realtime.topic', true), '')
$$;

-- The caller needs the permission to insert. An error becomes a warning, so that it fails no transaction.
create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true)
returns void language plpgsql as $$
declare
  message_id uuid := gen_random_uuid();
begin
  if not payload ? 'id' then
    payload := jsonb_set(payload, '{id}', to_jsonb(message_id));
  end if;
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (id, payload, event, topic, private, extension)
  values (message_id, payload, event, topic, private, 'broadcast');
exception when others then
  raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end $$;

-- The notification has no content, because PostgreSQL limits it to 8,000 bytes.
create or replace function standin.wake_realtime() returns trigger language plpgsql as $$
begin
  perform pg_notify('standin_realtime', '');
  return null;
end $$;

do $$
begin
  if not (select relrowsecurity from pg_class where oid = 'realtime.messages'::regclass) then
    alter table realtime.messages enable row level security;
  end if;
  if not exists (
    select 1 from pg_trigger
    where tgrelid = 'realtime.messages'::regclass and tgname = 'standin_wake_realtime'
  ) then
    create trigger standin_wake_realtime after insert on realtime.messages
      for each statement execute function standin.wake_realtime();
  end if;
end $$;
