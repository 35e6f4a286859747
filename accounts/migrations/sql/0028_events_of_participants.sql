drop trigger if exists chat_copied on public.accounts_chat;
drop trigger if exists deletion_copied on public.accounts_message;
drop function if exists private.copy_chat(), private.copy_chat_of_message(),
  private.copy_to_participants(uuid[]);

-- Stores what follows from a new message: the chat's newest seq, the place in both lists, the sender's
-- read mark, and one more unread message of the peer. The caller holds the lock of the chat. Returns false,
-- and stores nothing, if one of the two users is deleted: a deletion may have held the lock before.
create function private.record_message(chat uuid, sender uuid, newest bigint, at timestamptz) returns boolean
language plpgsql set search_path = '' as $$
begin
  if exists (select 1 from public.accounts_participant p join public.accounts_user u on u.id = p.user_id
      where p.chat_id = chat and u.deleted_at is not null) then
    return false;
  end if;
  update public.accounts_chat set last_seq = newest, updated_at = at where id = chat;
  update public.accounts_participant set active_at = at,
    read_seq = case when user_id = sender then newest else read_seq end,
    unread_count = case when user_id = sender then 0 else unread_count + 1 end
  where chat_id = chat;
  return true;
end $$;
revoke all on function private.record_message(uuid, uuid, bigint, timestamptz) from public;

create or replace function private.announce_read() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform private.announce(new.chat_id, 'read',
    jsonb_build_object('chat', new.chat_id, 'reader', new.user_id, 'seq', new.read_seq));
  return null;
end $$;
-- A new message also moves its sender's read mark. It changes active_at too, and sends no event of this kind.
drop trigger if exists reading_announced on public.accounts_chat;
create trigger reading_announced after update of read_seq on public.accounts_participant
  for each row when (old.read_seq <> new.read_seq and old.active_at is not distinct from new.active_at)
  execute function private.announce_read();

create or replace function private.is_chat_member(topic text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.accounts_participant p join public.accounts_user u on u.id = p.user_id
    where p.chat_id = private.chat_of(topic) and u.is_active and u.deleted_at is null
      and u.id::text = nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
$$;

-- Calls no other function of ours, for speed: it runs for each message.
create or replace function private.announce_message() returns trigger
language plpgsql set search_path = '' as $$
declare
  event text := case when tg_op = 'INSERT' then 'message'
    when new.deleted_at is not null then 'deletion' else 'edit' end;
  instant constant text := 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"';
begin
  if to_regprocedure('realtime.send(jsonb,text,text,boolean)') is not null then
    perform realtime.send(
      jsonb_build_object('chat', new.chat_id, 'id', new.id, 'seq', new.seq, 'sender', new.sender_id,
        'content', new.content, 'client_id', new.client_id,
        'created_at', to_char(new.created_at at time zone 'UTC', instant),
        'edited_at', to_char(new.edited_at at time zone 'UTC', instant),
        'deleted_at', to_char(new.deleted_at at time zone 'UTC', instant)),
      event, 'chat:' || new.chat_id, true);
  end if;
  return null;
exception when others then
  raise warning 'A chat event was not announced: %', sqlerrm;
  return null;
end $$;
drop function private.instant(timestamptz);
