-- What Supabase's Realtime (github.com/supabase/realtime) leaves in a project's database, as far as
-- broadcast and presence need it. Runs after schema.sql, in the same transaction, under its lock.
create schema if not exists realtime;
grant usage on schema realtime to anon, authenticated, service_role;

-- Supabase partitions it by day, to drop old days at once; the stand-in deletes.
create table if not exists realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default (now() at time zone 'utc'),
  inserted_at timestamp not null default (now() at time zone 'utc'),
  id uuid not null default gen_random_uuid(),
  binary_payload bytea,
  -- The stand-in's own, to find what was committed since it last looked (see listener.py).
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

-- Whoever calls it needs the right to insert. It never fails: a failure is a warning.
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

create or replace function realtime.send_binary(
  payload bytea, event text, topic text, private boolean default true)
returns void language plpgsql as $$
begin
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (binary_payload, event, topic, private, extension)
  values (payload, event, topic, private, 'broadcast');
exception when others then
  raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end $$;

-- For row triggers; unlike send() it fails loudly when it is called wrongly.
create or replace function realtime.broadcast_changes(
  topic_name text, event_name text, operation text, table_name text, table_schema text,
  new record, old record, level text default 'ROW')
returns void language plpgsql as $$
begin
  if level = 'STATEMENT' then
    raise exception 'function can only be triggered for each row, not for each statement';
  end if;
  if operation not in ('INSERT', 'UPDATE', 'DELETE') then
    raise exception 'Unexpected operation type: %', operation;
  end if;
  perform realtime.send(
    jsonb_build_object('operation', operation, 'schema', table_schema, 'table', table_name,
      'record', new, 'old_record', old),
    event_name, topic_name);
end $$;

-- The stand-in's own: broadcasts of clients on their way to the sockets of its other processes. They
-- are no rows of realtime.messages. The table is logged, as the listener's snapshot may hold no
-- transaction that a crash undoes: its number would be given again.
create table if not exists standin.client_broadcasts (
  position bigint generated always as identity primary key,
  transaction xid8 not null default pg_current_xact_id(),
  sent_at timestamptz not null default now(),
  process uuid not null,
  topic text not null,
  private boolean not null,
  event text,
  payload text,
  binary_payload bytea
);
create index if not exists client_broadcasts_transaction_idx on standin.client_broadcasts (transaction);

-- A notification holds 8,000 bytes at most, so it only says that there is something to read.
create or replace function standin.wake_realtime() returns trigger language plpgsql as $$
begin
  perform pg_notify('standin_realtime', '');
  return null;
end $$;

do $$
declare source regclass;
begin
  if not (select relrowsecurity from pg_class where oid = 'realtime.messages'::regclass) then
    alter table realtime.messages enable row level security;
  end if;
  foreach source in array array['realtime.messages', 'standin.client_broadcasts']::regclass[] loop
    if not exists (
      select 1 from pg_trigger where tgrelid = source and tgname = 'standin_wake_realtime'
    ) then
      execute format(
        'create trigger standin_wake_realtime after insert on %s
           for each statement execute function standin.wake_realtime()', source);
    end if;
  end loop;
end $$;
