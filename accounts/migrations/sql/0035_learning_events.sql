-- Events of comments, shares and corrections. They contain ids and states, never texts.

create function private.announce_to(topic text, event text, payload jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  if to_regprocedure('realtime.send(jsonb,text,text,boolean)') is not null then
    perform realtime.send(payload, event, topic, true);
  end if;
exception when others then
  raise warning 'An event was not announced: %', sqlerrm;
end $$;

-- To the learner: a new, changed or deleted comment. The deletion of a conversation deletes its comments first, so
-- the learner is found. Without a conversation, nothing is sent.
create function private.announce_comment() returns trigger
language plpgsql set search_path = '' as $$
declare
  comment public.accounts_comment := case when tg_op = 'DELETE' then old else new end;
  learner uuid := (select v.user_id from public.accounts_voiceconversation v where v.id = comment.conversation_id);
begin
  if learner is not null then
    perform private.announce_to('user:' || learner, 'comment',
      jsonb_build_object('conversation', comment.conversation_id, 'comment', comment.id));
  end if;
  return null;
end $$;
create trigger comment_announced after insert or delete on public.accounts_comment
  for each row execute function private.announce_comment();
create trigger comment_change_announced after update on public.accounts_comment
  for each row when (old.edited_at is distinct from new.edited_at)
  execute function private.announce_comment();

-- To the teacher and to the learner: a share that begins, ends, or is deleted while it is active.
create function private.announce_share() returns trigger
language plpgsql set search_path = '' as $$
declare
  share public.accounts_share := case when tg_op = 'DELETE' then old else new end;
  payload jsonb := jsonb_build_object('conversation', share.conversation_id,
    'state', case when tg_op = 'INSERT' then 'given' else 'ended' end);
begin
  perform private.announce_to('user:' || share.teacher_id, 'share', payload);
  perform private.announce_to('user:' || share.learner_id, 'share', payload);
  return null;
end $$;
create trigger share_announced after insert on public.accounts_share
  for each row execute function private.announce_share();
create trigger share_end_announced after update of ended_at on public.accounts_share
  for each row when (old.ended_at is null and new.ended_at is not null)
  execute function private.announce_share();
create trigger share_deletion_announced after delete on public.accounts_share
  for each row when (old.ended_at is null)
  execute function private.announce_share();

-- To both users of the chat: a new correction of a message.
create function private.announce_correction() returns trigger
language plpgsql set search_path = '' as $$
declare
  message public.accounts_message;
begin
  select m.* into message from public.accounts_message m where m.id = new.message_id;
  perform private.announce_to('chat:' || message.chat_id, 'correction',
    jsonb_build_object('message_seq', message.seq, 'correction', new.id));
  return null;
end $$;
create trigger correction_announced after insert on public.accounts_correction
  for each row when (new.message_id is not null)
  execute function private.announce_correction();

revoke all on function private.announce_to(text, text, jsonb), private.announce_comment(),
  private.announce_share(), private.announce_correction() from public;
