create function private.chat_of(topic text) returns uuid
language sql immutable set search_path = '' as $$
  select case when topic ~ '^chat:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
    then substr(topic, 6)::uuid end
$$;

create function private.is_chat_member(topic text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.accounts_chat c join public.accounts_user u on u.id in (c.first_id, c.second_id)
    where c.id = private.chat_of(topic) and u.is_active and u.deleted_at is null
      and u.id::text = nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
$$;
revoke all on function private.chat_of(text), private.is_chat_member(text) from public;

create function private.announce(chat uuid, event text, payload jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  if to_regprocedure('realtime.send(jsonb,text,text,boolean)') is not null then
    perform realtime.send(payload, event, 'chat:' || chat, true);
  end if;
exception when others then
  raise warning 'A chat event was not announced: %', sqlerrm;
end $$;

create function private.instant(at timestamptz) returns text
language sql stable set search_path = '' as $$
  select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

create function private.announce_message() returns trigger
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

create function private.announce_read() returns trigger
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

create trigger message_announced after insert on public.accounts_message
  for each row execute function private.announce_message();
create trigger message_change_announced after update on public.accounts_message
  for each row when (old.content is distinct from new.content or old.deleted_at is distinct from new.deleted_at)
  execute function private.announce_message();
-- Who writes has read: the message itself says so.
create trigger reading_announced after update on public.accounts_chat
  for each row when (old.last_seq = new.last_seq and (old.first_read_seq <> new.first_read_seq
    or old.second_read_seq <> new.second_read_seq))
  execute function private.announce_read();
revoke all on function private.announce(uuid, text, jsonb), private.instant(timestamptz),
  private.announce_message(), private.announce_read() from public;

create function private.admit_chat_members() returns text
language plpgsql set search_path = '' as $$
begin
  if to_regclass('realtime.messages') is null
    or not exists (select 1 from pg_catalog.pg_roles where rolname = 'authenticated') then
    return null;
  end if;
  if not has_function_privilege('authenticated', 'private.is_chat_member(text)', 'execute')
    or not has_schema_privilege('authenticated', 'private', 'usage') then
    grant usage on schema private to authenticated;
    grant execute on function private.chat_of(text), private.is_chat_member(text) to authenticated;
  end if;
  if not exists (select 1 from pg_catalog.pg_policy
    where polrelid = 'realtime.messages'::regclass and polname = 'chat members listen') then
    create policy "chat members listen" on realtime.messages for select to authenticated using (
      extension in ('broadcast', 'presence') and topic = (select realtime.topic())
      and private.is_chat_member((select realtime.topic())));
  end if;
  if not exists (select 1 from pg_catalog.pg_policy
    where polrelid = 'realtime.messages'::regclass and polname = 'chat members are present') then
    create policy "chat members are present" on realtime.messages for insert to authenticated with check (
      extension = 'presence' and topic = (select realtime.topic())
      and private.is_chat_member((select realtime.topic())));
  end if;
  return null;
exception when others then
  return sqlerrm;
end $$;
revoke all on function private.admit_chat_members() from public;
