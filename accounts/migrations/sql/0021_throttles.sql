-- Counts of throttled requests and of guesses. Unlogged: after a crash of the server it is empty.
create unlogged table public.accounts_throttle (
  key text primary key, -- a hash of scope and caller
  counted timestamptz[] not null, -- the counted requests of the last period, in ascending order
  opens_at timestamptz, -- of guesses: the next one is refused until then
  expires_at timestamptz not null -- the row is not needed after this instant
);
create index throttle_expiry on public.accounts_throttle (expires_at);

-- Writes a row. The first request of a period also removes up to ten expired rows.
-- It never waits for a row of another key. A function that saves two rows locks both first, so that no
-- deadlock is possible.
create function private.save_throttle(
  row_key text, instants timestamptz[], opening timestamptz, period interval) returns void
language plpgsql set search_path = '' as $$
declare
  -- A full hour: the index on it changes once an hour, not at each request.
  expiry constant timestamptz := date_trunc('hour', clock_timestamp() + period) + interval '1 hour';
begin
  insert into public.accounts_throttle (key, counted, opens_at, expires_at)
  values (row_key, instants, opening, expiry)
  on conflict (key) do update
    set counted = excluded.counted, opens_at = excluded.opens_at, expires_at = excluded.expires_at;
  if cardinality(instants) < 2 then
    delete from public.accounts_throttle where key = any (array(
      select t.key from public.accounts_throttle t where t.expires_at < clock_timestamp()
      order by t.expires_at limit 10 for update skip locked));
  end if;
end $$;
revoke all on function private.save_throttle(text, timestamptz[], timestamptz, interval) from public;

-- The counted requests of a key since an instant, in ascending order.
create function private.counted_since(row_key text, since timestamptz) returns timestamptz[]
language plpgsql set search_path = '' as $$
begin
  return array(
    select instant from public.accounts_throttle t, unnest(t.counted) instant
    where t.key = row_key and instant > since order by instant);
end $$;
revoke all on function private.counted_since(text, timestamptz) from public;

-- Counts a request and returns 0, or returns the seconds to wait: at most "maximum" requests of a key
-- are counted in any period of this length. A refused request is not counted.
create function private.count_request(request_key text, maximum integer, period interval)
returns double precision
language plpgsql set search_path = '' as $$
declare
  instant timestamptz;
  recent timestamptz[];
begin
  perform pg_advisory_xact_lock(hashtextextended(request_key, 0));
  instant := clock_timestamp(); -- after the lock, so that the instants ascend
  recent := private.counted_since(request_key, instant - period);
  if cardinality(recent) >= maximum then
    return extract(epoch from recent[cardinality(recent) - maximum + 1] + period - instant);
  end if;
  perform private.save_throttle(request_key, recent || instant, null, period);
  return 0;
end $$;
revoke all on function private.count_request(text, integer, interval) from public;

-- The wait of a source before its next guess: none after four wrong ones, then 1 s, 2 s, 4 s ... at most a
-- minute. Ten guesses of other sources at the account weigh as much as one of its own.
create function private.guess_delay(own timestamptz[], everyones timestamptz[]) returns interval
language sql immutable set search_path = '' as $$
  with weighed as (
    select cardinality(own) + greatest(cardinality(everyones) - cardinality(own), 0) / 10 as guesses)
  select case when guesses < 5 then 0 else least(2 ^ (guesses - 5), 60) end * interval '1 second'
  from weighed
$$;
revoke all on function private.guess_delay(timestamptz[], timestamptz[]) from public;

-- Counts a guess of a source at an account and returns 0, or returns the seconds to wait.
-- The wait grows with the guesses of the last hour. It begins at the source's own request: other sources
-- can make the next wait longer, but cannot extend one that has begun.
create function private.count_guess(account_key text, source_key text) returns double precision
language plpgsql set search_path = '' as $$
declare
  period constant interval := '1 hour';
  instant timestamptz;
  own timestamptz[];
  everyones timestamptz[];
  opening timestamptz;
  delay interval;
begin
  perform pg_advisory_xact_lock(hashtextextended(account_key, 0));
  perform 1 from public.accounts_throttle where key in (account_key, source_key) for update;
  instant := clock_timestamp();
  own := private.counted_since(source_key, instant - period);
  everyones := private.counted_since(account_key, instant - period);
  select t.opens_at into opening from public.accounts_throttle t where t.key = source_key;
  if opening is null then
    delay := private.guess_delay(own, everyones);
    if delay > '0' then
      opening := instant + delay;
      perform private.save_throttle(source_key, own, opening, period);
    end if;
  end if;
  if opening > instant then
    return extract(epoch from opening - instant);
  end if;
  own := own || instant;
  -- 200 guesses at the account cause the longest wait; more need not be stored.
  everyones := everyones[cardinality(everyones) - 198:] || instant;
  delay := private.guess_delay(own, everyones);
  perform private.save_throttle(
    source_key, own, case when delay > '0' then instant + delay end, period);
  perform private.save_throttle(account_key, everyones, null, period);
  return 0;
end $$;
revoke all on function private.count_guess(text, text) from public;

-- Removes the guesses of a source at an account, and the sum of all sources, after a right one.
create function private.forget_guesses(account_key text, source_key text) returns void
language plpgsql set search_path = '' as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(account_key, 0));
  delete from public.accounts_throttle where key in (account_key, source_key);
end $$;
revoke all on function private.forget_guesses(text, text) from public;
