"""Row level security on every table, and the extensions that indexes need.

Supabase exposes every table and function of the schema ``public`` through its Data API. Only Django may
use these tables: row level security is enabled without policies, and the API roles have no privileges.
``private.protect_tables()`` alters only what differs, so it runs after each migrate.
Source: supabase.com/docs/guides/api/securing-your-api.
"""

from django.db import migrations

# Supabase keeps extensions in the schema ``extensions``. An extension that exists elsewhere stays there.
EXTENSIONS = """
create schema if not exists extensions;
create extension if not exists pg_trgm with schema extensions;
create extension if not exists btree_gin with schema extensions;
"""

PROTECT_TABLES = """
create schema private;
revoke all on schema private from public;

create function private.protect_tables() returns void
language plpgsql set search_path = '' as $$
declare
  item record;
  api text;
  in_api name[];
begin
  select string_agg(quote_ident(rolname), ', '), array_agg(rolname) into api, in_api
  from pg_catalog.pg_roles where rolname in ('anon', 'authenticated');

  for item in
    select c.oid, c.oid::regclass as name, c.relkind, c.relrowsecurity
    from pg_catalog.pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
      and pg_catalog.pg_has_role(c.relowner, 'USAGE')
      and not exists (select 1 from pg_catalog.pg_depend d where d.objid = c.oid and d.deptype = 'e')
  loop
    if item.relkind in ('r', 'p') and not item.relrowsecurity then
      execute format('alter table %s enable row level security', item.name);
    end if;
    -- A privilege on the table or on a single column of it: to revoke the one revokes the other.
    if api is not null and exists (
      select 1 from (
        select c.relacl as granted from pg_catalog.pg_class c where c.oid = item.oid
        union all
        select a.attacl from pg_catalog.pg_attribute a where a.attrelid = item.oid
      ) privileges, pg_catalog.aclexplode(granted) acl
      left join pg_catalog.pg_roles r on r.oid = acl.grantee
      where acl.grantee = 0 or r.rolname = any (in_api)
    ) then
      execute format('revoke all on %s %s from %s, public',
        case when item.relkind = 'S' then 'sequence' else 'table' end, item.name, api);
    end if;
  end loop;

  -- Functions, which the Data API offers too: PostgreSQL lets everybody execute a new one.
  for item in
    select p.oid::regprocedure as name
    from pg_catalog.pg_proc p
    where api is not null and p.pronamespace = 'public'::regnamespace
      and pg_catalog.pg_has_role(p.proowner, 'USAGE')
      and not exists (select 1 from pg_catalog.pg_depend d where d.objid = p.oid and d.deptype = 'e')
      and exists (
        select 1
        from pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) acl
        left join pg_catalog.pg_roles r on r.oid = acl.grantee
        where acl.grantee = 0 or r.rolname = any (in_api)
      )
  loop
    execute format('revoke all on routine %s from %s, public', item.name, api);
  end loop;

  -- Tables to come: only where an earlier default still grants something to the API's roles.
  if api is not null and exists (
    select 1 from pg_catalog.pg_default_acl d, pg_catalog.aclexplode(d.defaclacl) acl
    left join pg_catalog.pg_roles r on r.oid = acl.grantee
    where d.defaclnamespace = 'public'::regnamespace
      and d.defaclrole = (select oid from pg_catalog.pg_roles where rolname = current_user)
      and r.rolname = any (in_api)
  ) then
    execute format('alter default privileges in schema public revoke all on tables from %s', api);
    execute format('alter default privileges in schema public revoke all on sequences from %s', api);
    execute format('alter default privileges in schema public revoke all on functions from %s', api);
  end if;
end $$;
revoke all on function private.protect_tables() from public;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_message")]

    operations = [
        # Reversing keeps the extensions: other applications of the database may use them.
        migrations.RunSQL(EXTENSIONS, migrations.RunSQL.noop),
        migrations.RunSQL(
            PROTECT_TABLES,
            "drop function private.protect_tables(); drop schema private;",
        ),
    ]
