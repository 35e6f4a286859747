-- To a user whose list of chats changes: the event "chat" with the chat's id and the user's own counters. A chat is in
-- the list of a user with active_at. Triggers on rows run after the statement, so they read what it has stored.

-- The user of the row, or both users of the chat with the argument "both".
create function private.announce_chat() returns trigger
language plpgsql set search_path = '' as $$
begin
  if to_regprocedure('realtime.send(jsonb,text,text,boolean)') is not null then
    perform realtime.send(
      jsonb_build_object('id', c.id, 'last_seq', c.last_seq, 'unread_count', p.unread_count),
      'chat', 'user:' || p.user_id, true)
    from public.accounts_participant p
    join public.accounts_chat c on c.id = p.chat_id join public.accounts_user u on u.id = p.user_id
    where p.chat_id = new.chat_id and (p.user_id = new.user_id or tg_argv[0] = 'both')
      and p.active_at is not null and u.deleted_at is null;
  end if;
  return null;
exception when others then
  raise warning 'A chat was not announced: %', sqlerrm;
  return null;
end $$;

-- Both users of each chat in which messages were edited or deleted, once each, however many messages. Who changes
-- unread_count does so before, so that the event has the new number.
create function private.announce_chats_of_messages() returns trigger
language plpgsql set search_path = '' as $$
begin
  if to_regprocedure('realtime.send(jsonb,text,text,boolean)') is not null then
    perform realtime.send(
      jsonb_build_object('id', c.id, 'last_seq', c.last_seq, 'unread_count', p.unread_count),
      'chat', 'user:' || p.user_id, true)
    from public.accounts_participant p
    join public.accounts_chat c on c.id = p.chat_id join public.accounts_user u on u.id = p.user_id
    where p.chat_id in (
        select a.chat_id from after a join before b on b.id = a.id
        where a.content is distinct from b.content or a.deleted_at is distinct from b.deleted_at)
      and p.active_at is not null and u.deleted_at is null;
  end if;
  return null;
exception when others then
  raise warning 'Chats were not announced: %', sqlerrm;
  return null;
end $$;

create trigger chat_announced after insert on public.accounts_participant
  for each row when (new.active_at is not null)
  execute function private.announce_chat();
-- A new message changes active_at of both users. A block is shown to the user who has blocked, and to nobody else.
create trigger chat_change_announced after update on public.accounts_participant
  for each row when (old.active_at is distinct from new.active_at or old.blocked_at is distinct from new.blocked_at)
  execute function private.announce_chat();
-- A chat has the read marks of both users.
create trigger chat_reading_announced after update on public.accounts_participant
  for each row when (old.read_seq <> new.read_seq and old.active_at is not distinct from new.active_at)
  execute function private.announce_chat('both');
create trigger chats_of_messages_announced after update on public.accounts_message
  referencing old table as before new table as after
  for each statement execute function private.announce_chats_of_messages();

revoke all on function private.announce_chat(), private.announce_chats_of_messages() from public;
