create function private.announce_feedback() returns trigger
language plpgsql set search_path = '' as $$
begin
  if to_regprocedure('realtime.send(jsonb,text,text,boolean)') is not null then
    perform realtime.send(
      jsonb_build_object('conversation', new.id, 'feedback_status', new.feedback_status),
      'feedback', 'user:' || new.user_id, true);
  end if;
  return null;
exception when others then
  raise warning 'Feedback was not announced: %', sqlerrm;
  return null;
end $$;
create trigger feedback_announced after update of feedback_status on public.accounts_voiceconversation
  for each row when (old.feedback_status is distinct from new.feedback_status
    and new.feedback_status in ('done', 'failed'))
  execute function private.announce_feedback();
revoke all on function private.announce_feedback() from public;

create function private.is_own_topic(topic text) returns boolean
language sql stable security definer set search_path = '' as $$
  with me as (select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub' as sub)
  select exists (
    select 1 from me join public.accounts_user u
      on u.id = case when me.sub ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then me.sub::uuid end
    where topic = 'user:' || me.sub and u.is_active and u.deleted_at is null)
$$;
revoke all on function private.is_own_topic(text) from public;

create function private.admit_people() returns text
language plpgsql set search_path = '' as $$
begin
  if to_regclass('realtime.messages') is null
    or not exists (select 1 from pg_catalog.pg_roles where rolname = 'authenticated') then
    return null;
  end if;
  if not has_function_privilege('authenticated', 'private.is_own_topic(text)', 'execute')
    or not has_schema_privilege('authenticated', 'private', 'usage') then
    grant usage on schema private to authenticated;
    grant execute on function private.is_own_topic(text) to authenticated;
  end if;
  if not exists (select 1 from pg_catalog.pg_policy
    where polrelid = 'realtime.messages'::regclass and polname = 'people hear their own news') then
    create policy "people hear their own news" on realtime.messages for select to authenticated using (
      extension = 'broadcast' and topic = (select realtime.topic())
      and private.is_own_topic((select realtime.topic())));
  end if;
  return null;
exception when others then
  return sqlerrm;
end $$;
revoke all on function private.admit_people() from public;
