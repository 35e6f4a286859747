-- Totals of each user's conversations, by hour and by kind, so that statistics of a long history do not read
-- every conversation. Triggers add the difference of each statement; concurrent statements add up.

-- The hours from 1970-01-01 00:00 UTC to an instant, rounded down.
create function private.hour_of(instant timestamptz) returns integer
language sql immutable parallel safe as $$ select floor(extract(epoch from instant) / 3600)::int $$;
revoke all on function private.hour_of(timestamptz) from public;

-- The exact decimal value of a score: a cast from double precision to numeric keeps 15 digits only.
create function private.exact_score(score double precision) returns numeric
language sql immutable parallel safe as
  $$ select case when score = trunc(score) then score::int::numeric else score::text::numeric end $$;
revoke all on function private.exact_score(double precision) from public;

-- One function for each of INSERT, UPDATE and DELETE: a trigger function can name only the transition
-- tables that its trigger has. "sign" is 1 for a row of the new state, -1 for one of the old state. An update
-- that changes no total writes nothing. Rows are written in the order of their keys, against deadlocks.
do $do$
declare
  added constant text := 'select 1 as sign, n.* from new_rows n';
  removed constant text := 'select -1 as sign, o.* from old_rows o';
  operation text;
  changes text;
begin
  foreach operation in array array['insert', 'update', 'delete'] loop
    changes := case operation when 'insert' then added when 'delete' then removed
      else added || ' union all ' || removed end;
    execute format($create$
create function private.count_practice_%1$s() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.accounts_practicehour as kept (user_id, hour, conversations, timed, minutes,
    grammar_sum, grammar_count, pronunciation_sum, pronunciation_count)
  select user_id, private.hour_of(created_at), sum(sign),
    coalesce(sum(sign) filter (where duration_minutes is not null), 0),
    coalesce(sum(sign * duration_minutes), 0),
    coalesce(sum(sign * private.exact_score(grammar_score)), 0),
    coalesce(sum(sign) filter (where grammar_score is not null), 0),
    coalesce(sum(sign * private.exact_score(pronunciation_score)), 0),
    coalesce(sum(sign) filter (where pronunciation_score is not null), 0)
  from (%2$s) changes
  group by 1, 2
  having sum(sign) <> 0
    or sum(sign) filter (where duration_minutes is not null) <> 0
    or sum(sign * duration_minutes) <> 0
    or sum(sign * private.exact_score(grammar_score)) <> 0
    or sum(sign) filter (where grammar_score is not null) <> 0
    or sum(sign * private.exact_score(pronunciation_score)) <> 0
    or sum(sign) filter (where pronunciation_score is not null) <> 0
  order by 1, 2
  on conflict (user_id, hour) do update set
    conversations = kept.conversations + excluded.conversations,
    timed = kept.timed + excluded.timed,
    minutes = kept.minutes + excluded.minutes,
    grammar_sum = kept.grammar_sum + excluded.grammar_sum,
    grammar_count = kept.grammar_count + excluded.grammar_count,
    pronunciation_sum = kept.pronunciation_sum + excluded.pronunciation_sum,
    pronunciation_count = kept.pronunciation_count + excluded.pronunciation_count;
  insert into public.accounts_practicekind as kept
    (user_id, target_language_code, target_language, conversation_type, conversations)
  select user_id, target_language_code, target_language, conversation_type, sum(sign)
  from (%2$s) changes
  group by 1, 2, 3, 4
  having sum(sign) <> 0
  order by 1, 2, 3, 4
  on conflict (user_id, target_language_code, target_language, conversation_type) do update
    set conversations = kept.conversations + excluded.conversations;
  if tg_op <> 'INSERT' then
    delete from public.accounts_practicehour kept using old_rows o
    where kept.user_id = o.user_id and kept.hour = private.hour_of(o.created_at) and kept.conversations = 0;
    delete from public.accounts_practicekind kept using old_rows o
    where kept.user_id = o.user_id and kept.target_language_code = o.target_language_code
      and kept.target_language = o.target_language and kept.conversation_type = o.conversation_type
      and kept.conversations = 0;
  end if;
  return null;
end $$
$create$, operation, changes);
    execute format('revoke all on function private.count_practice_%s() from public', operation);
  end loop;
end $do$;

create trigger practice_inserted after insert on public.accounts_voiceconversation
  referencing new table as new_rows for each statement execute function private.count_practice_insert();
create trigger practice_updated after update on public.accounts_voiceconversation
  referencing old table as old_rows new table as new_rows
  for each statement execute function private.count_practice_update();
create trigger practice_deleted after delete on public.accounts_voiceconversation
  referencing old table as old_rows for each statement execute function private.count_practice_delete();

-- Counts the conversations of these users anew. Writers wait until the end of the transaction.
create function private.recount_practice(people uuid[]) returns void
language plpgsql set search_path = '' as $$
begin
  lock table public.accounts_voiceconversation in share row exclusive mode;
  delete from public.accounts_practicehour where user_id = any (people);
  delete from public.accounts_practicekind where user_id = any (people);
  insert into public.accounts_practicehour (user_id, hour, conversations, timed, minutes,
    grammar_sum, grammar_count, pronunciation_sum, pronunciation_count)
  select user_id, private.hour_of(created_at), count(*), count(duration_minutes),
    coalesce(sum(duration_minutes), 0),
    coalesce(sum(private.exact_score(grammar_score)), 0), count(grammar_score),
    coalesce(sum(private.exact_score(pronunciation_score)), 0), count(pronunciation_score)
  from public.accounts_voiceconversation where user_id = any (people) group by 1, 2;
  insert into public.accounts_practicekind
    (user_id, target_language_code, target_language, conversation_type, conversations)
  select user_id, target_language_code, target_language, conversation_type, count(*)
  from public.accounts_voiceconversation where user_id = any (people) group by 1, 2, 3, 4;
end $$;
revoke all on function private.recount_practice(uuid[]) from public;
