create or replace function private.is_chat_member(topic text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.accounts_participant p join public.accounts_user u on u.id = p.user_id
    where p.chat_id = private.chat_of(topic) and u.deleted_at is null
      and (u.banned_until is null or u.banned_until <= now())
      and u.id::text = nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
$$;

create or replace function private.is_own_topic(topic text) returns boolean
language sql stable security definer set search_path = '' as $$
  with me as (select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub' as sub)
  select exists (
    select 1 from me join public.accounts_user u
      on u.id = case when me.sub ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then me.sub::uuid end
    where topic = 'user:' || me.sub and u.deleted_at is null
      and (u.banned_until is null or u.banned_until <= now()))
$$;
