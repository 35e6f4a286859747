-- Writes the two participants of each chat, from the columns of the chat. The lock and the new snapshot
-- after it keep the count of unread messages exact.
create function private.copy_to_participants(chats uuid[]) returns void
language plpgsql set search_path = '' as $$
begin
  perform 1 from public.accounts_chat c where c.id = any (chats) order by c.id for update;
  insert into public.accounts_participant (chat_id, user_id, read_seq, unread_count, blocked_at, active_at)
  select c.id, side.user_id, side.read_seq, (
      select count(*) from public.accounts_message m
      where m.chat_id = c.id and m.seq > side.read_seq and m.sender_id <> side.user_id and m.deleted_at is null),
    side.blocked_at, c.updated_at
  from public.accounts_chat c, lateral (values
    (c.first_id, c.first_read_seq, c.first_blocked_at),
    (c.second_id, c.second_read_seq, c.second_blocked_at)) side(user_id, read_seq, blocked_at)
  where c.id = any (chats)
  on conflict (chat_id, user_id) do update set read_seq = excluded.read_seq,
    unread_count = excluded.unread_count, blocked_at = excluded.blocked_at, active_at = excluded.active_at;
end $$;

create function private.copy_chat() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform private.copy_to_participants(array[new.id]);
  return null;
end $$;

create function private.copy_chat_of_message() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform private.copy_to_participants(array[new.chat_id]);
  return null;
end $$;
revoke all on function private.copy_to_participants(uuid[]), private.copy_chat(),
  private.copy_chat_of_message() from public;

create trigger chat_copied after insert or update on public.accounts_chat
  for each row execute function private.copy_chat();
create trigger deletion_copied after update of deleted_at on public.accounts_message
  for each row execute function private.copy_chat_of_message();
