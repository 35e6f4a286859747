-- The substrings of one and of two characters of a text, with repetitions, that contain a character
-- except a-z, 0-9, blank and line feed. For such a word, ``private.short_substrings(t) @> array[word]``
-- equals ``t like '%word%'`` and uses a GIN index.
-- The cost, in units of cpu_operator_cost, keeps the planner from calling it for every row of a table.
create or replace function private.short_substrings(searched text) returns text[]
language sql immutable strict parallel safe cost 5000 set search_path = '' as $$
  select array(
    select part
    from unnest(string_to_array(searched, null), string_to_array(substr(searched, 2), null))
        as pair (first, second),
      lateral (values (first), (first || second)) as parts (part)
    where part ~ '[^a-z0-9 \n]'
  )
$$;
revoke all on function private.short_substrings(text) from public;
