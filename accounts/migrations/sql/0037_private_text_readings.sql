-- The log of readings of private text is append-only. Only the reason may be emptied, with the owner's account.
-- TRUNCATE fires no row trigger.
create function private.keep_reading() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and new.why = '' and to_jsonb(new) - 'why' = to_jsonb(old) - 'why' then
    return new;
  end if;
  raise exception 'A reading of private text is neither changed nor deleted.' using errcode = 'restrict_violation';
end $$;
create trigger reading_kept before update or delete on public.accounts_privatetextreading
  for each row execute function private.keep_reading();

revoke all on function private.keep_reading() from public;
