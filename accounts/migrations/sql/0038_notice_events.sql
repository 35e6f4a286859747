-- To the user: a new notice, by its id.

create function private.announce_notice() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform private.announce_to('user:' || new.user_id, 'notice', jsonb_build_object('id', new.id));
  return null;
end $$;
create trigger notice_announced after insert on public.accounts_notice
  for each row execute function private.announce_notice();

revoke all on function private.announce_notice() from public;
