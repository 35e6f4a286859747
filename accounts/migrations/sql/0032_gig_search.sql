-- The text that a search of gigs reads: the gig's own, and the user's, which is the same for all gigs of a
-- teacher. In one column, one index finds the words of both. Triggers keep it equal to the two texts.

create function private.fill_gig_search() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  users_text text;
begin
  if tg_op = 'INSERT' then
    -- The lock makes a parallel change of the user wait for this gig, or this gig wait for the change.
    select u.search_text into users_text from public.accounts_user u where u.id = new.teacher_id for share;
  else
    -- No lock: the row of this gig is locked, so that refresh_gig_search updates it before or afterwards.
    select u.search_text into users_text from public.accounts_user u where u.id = new.teacher_id;
  end if;
  new.full_search_text := concat_ws(e'\n', new.search_text, users_text);
  return new;
end $$;
revoke all on function private.fill_gig_search() from public;

create function private.refresh_gig_search() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.accounts_gig set full_search_text = '' where teacher_id = new.id;
  return null;
end $$;
revoke all on function private.refresh_gig_search() from public;

create trigger gig_search_filled before insert or update of search_text, full_search_text, teacher_id
  on public.accounts_gig for each row execute function private.fill_gig_search();
create trigger gig_search_refreshed after update of search_text on public.accounts_user
  for each row when (old.search_text is distinct from new.search_text)
  execute function private.refresh_gig_search();
