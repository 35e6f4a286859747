-- The events of a message have removed_by_staff, as the message has over REST.

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
        'deleted_at', to_char(new.deleted_at at time zone 'UTC', instant),
        'removed_by_staff', new.removed_by_staff),
      event, 'chat:' || new.chat_id, true);
  end if;
  return null;
exception when others then
  raise warning 'A chat event was not announced: %', sqlerrm;
  return null;
end $$;
