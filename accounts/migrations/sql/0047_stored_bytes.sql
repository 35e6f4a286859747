-- The bytes that each user stores: the sum of the user's rows in accounts_storedbytes. Triggers append the difference
-- that a statement makes, in its transaction. An insert waits for no other transaction: an update of one total would,
-- and two statements that change rows of the same two users could deadlock.
--
-- A row counts its texts in UTF-8, JSON as PostgreSQL writes it, and 200 bytes for the rest. It counts for its owner. A
-- row without an owner counts for nobody: a correction of the AI, or a comment of a deleted account.

-- Replaces the user's rows by one row with their sum. It skips rows that another transaction is replacing. A recount
-- holds the advisory lock 47, so that it misses no sum that is not committed yet.
create function private.sum_up_stored_bytes() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if pg_try_advisory_xact_lock_shared(47) then
    with replaced as (
      delete from public.accounts_storedbytes where id in (
        select id from public.accounts_storedbytes where user_id = new.user_id for update skip locked)
      returning bytes)
    insert into public.accounts_storedbytes (user_id, bytes)
    select new.user_id, sum(bytes) from replaced having sum(bytes) <> 0;
  end if;
  return null;
end $$;
revoke all on function private.sum_up_stored_bytes() from public;
-- On average at each 32nd row, so that a user has about 32. By chance and not by the id: of two users who write in
-- turns, one would get the odd ids only.
create trigger stored_bytes_summed_up after insert on public.accounts_storedbytes
  for each row when (random() < 1 / 32.0) execute function private.sum_up_stored_bytes();

-- "$" stands for the row. "columns" are those of the update triggers that run for each changed row, and not for changes
-- of other columns, such as the state of a job or a review. Tables without "columns" have statements that change many
-- rows, such as the deletion of an account: their update triggers run once for each statement.
do $do$
declare
  counted record;
  operation text;
  changes text;
  unions text[] := array[]::text[];
begin
  for counted in select * from (values
    ('voiceconversation', '$.user_id', '200 + octet_length($.topic) + octet_length($.transcription::text)'
      ' + octet_length($.ai_feedback::text) + coalesce(octet_length($.generated_feedback::text), 0)',
      'user_id, topic, transcription, ai_feedback, generated_feedback'),
    ('card', '$.learner_id', '200 + octet_length($.front) + octet_length($.back) + octet_length($.note)',
      'learner_id, front, back, note'),
    ('gig', '$.teacher_id', '200 + octet_length($.title) + octet_length($.description)'
      ' + octet_length($.what_is_included) + octet_length(array_to_string($.tags, '',''))',
      'teacher_id, title, description, what_is_included, tags'),
    ('message', '$.sender_id', '200 + octet_length($.content)', null),
    ('comment', '$.author_id', '200 + octet_length($.quote) + octet_length($.corrected) + octet_length($.text)', null),
    ('correction', '$.author_id',
      '200 + octet_length($.quote) + octet_length($.corrected) + octet_length($.explanation)', null)
  ) rows(name, owner, size, columns) loop
    foreach operation in array array['insert', 'update', 'delete'] loop
      changes := case
        when operation = 'update' and counted.columns is not null then
          format('values (%1$s, %2$s), (%3$s, -(%4$s))',
            replace(counted.owner, '$', 'new'), replace(counted.size, '$', 'new'),
            replace(counted.owner, '$', 'old'), replace(counted.size, '$', 'old'))
        else concat_ws(' union all ',
          case when operation <> 'delete' then replace(
            format('select %s, %s from new_rows n', counted.owner, counted.size), '$', 'n') end,
          case when operation <> 'insert' then replace(
            format('select %s, -(%s) from old_rows o', counted.owner, counted.size), '$', 'o') end)
        end;
      execute format($create$
create function private.store_%1$s_%2$s() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.accounts_storedbytes (user_id, bytes)
  select owner, sum(size) from (%3$s) changes(owner, size)
  where owner is not null group by owner having sum(size) <> 0;
  return null;
end $$
$create$, counted.name, operation, changes);
      execute format('revoke all on function private.store_%s_%s() from public', counted.name, operation);
      execute format('create trigger stored_bytes_%s after %s on public.accounts_%s %s execute function private.store_%s_%s()',
        operation,
        case when operation = 'update' and counted.columns is not null
          then 'update of ' || counted.columns else operation end,
        counted.name,
        case when operation = 'update' and counted.columns is not null then 'for each row'
          else concat_ws(' ', 'referencing',
            case when operation <> 'insert' then 'old table as old_rows' end,
            case when operation <> 'delete' then 'new table as new_rows' end,
            'for each statement') end,
        counted.name, operation);
    end loop;
    unions := unions || replace(format('select %1$s, %2$s from public.accounts_%3$s r where %1$s = any (people)',
      counted.owner, counted.size, counted.name), '$', 'r');
  end loop;
  -- Counts the rows of these users anew. Writers do not wait: the count and the deletion of the old differences are one
  -- statement with one snapshot, and a row that it does not contain comes with its own difference.
  execute format($create$
create function private.recount_stored_bytes(people uuid[]) returns void
language plpgsql set search_path = '' as $$
begin
  perform pg_advisory_xact_lock(47);
  with replaced as (delete from public.accounts_storedbytes where user_id = any (people))
  insert into public.accounts_storedbytes (user_id, bytes)
  select owner, sum(size) from (%s) rows(owner, size) group by owner having sum(size) <> 0;
end $$
$create$, array_to_string(unions, ' union all '));
end $do$;
revoke all on function private.recount_stored_bytes(uuid[]) from public;
