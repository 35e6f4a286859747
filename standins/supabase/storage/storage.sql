-- The tables of Supabase Storage (github.com/supabase/storage, migrations/tenant/) for buckets and
-- objects. Runs after schema.sql, in the same transaction and under its lock.
create schema if not exists storage;

create table if not exists storage.buckets (
  id text primary key,
  name text not null,
  owner uuid,
  owner_id text,
  public boolean not null default false,
  file_size_limit bigint,
  allowed_mime_types text[],
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);
create unique index if not exists bname on storage.buckets (name);

create table if not exists storage.objects (
  id uuid primary key default gen_random_uuid(),
  bucket_id text references storage.buckets,
  name text,
  owner uuid,
  owner_id text,
  version text,
  metadata jsonb,
  user_metadata jsonb,
  path_tokens text[] generated always as (string_to_array(name, '/')) stored,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  last_accessed_at timestamptz default now()
);
-- Collation "C", as on Supabase, so that prefix searches use the index in every locale.
create unique index if not exists bucketid_objname on storage.objects (bucket_id, name collate "C");

-- For policies (Supabase docs, "Storage Helper Functions").
create or replace function storage.foldername(name text) returns text[] language sql immutable as $$
  select (string_to_array(name, '/'))[1:cardinality(string_to_array(name, '/')) - 1]
$$;

-- Without a policy, only the secret key can read or change a row.
do $$
declare item regclass;
begin
  foreach item in array array['storage.buckets', 'storage.objects']::regclass[] loop
    if not (select relrowsecurity from pg_class where oid = item) then
      execute format('alter table %s enable row level security', item);
      execute format('grant all on %s to anon, authenticated, service_role', item);
    end if;
  end loop;
end $$;
grant usage on schema storage to anon, authenticated, service_role;
