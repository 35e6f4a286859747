"""Row level security and privileges: Supabase's API roles can use no table or function of ours."""

import psycopg2
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from accounts.apps import protect_tables
from accounts.models.auth_sessions import AUTH_IS_READABLE

# Tables without row level security, and tables and functions that an API role may use.
# Source: supabase.com/docs/guides/database/postgres/row-level-security
AUDIT = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p')
  and (not c.relrowsecurity or exists (
    select 1 from pg_roles r where r.rolname in ('anon', 'authenticated')
      and (has_table_privilege(r.oid, c.oid, 'select,insert,update,delete,truncate,references,trigger')
        or has_any_column_privilege(r.oid, c.oid, 'select,insert,update,references'))))
union all
select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname = 'public' and exists (
  select 1 from pg_roles r where r.rolname in ('anon', 'authenticated')
    and has_function_privilege(r.oid, p.oid, 'execute'))
order by 1"""
OURS = {
    "accounts_user",
    "accounts_revocation",
    "accounts_teacher",
    "accounts_gig",
    "accounts_chat",
    "accounts_message",
    "accounts_participant",
    "accounts_voiceconversation",
    "accounts_voicesession",
    "accounts_throttle",
    "accounts_correction",
    "accounts_card",
    "accounts_cardsource",
    "accounts_cardreview",
    "accounts_comment",
    "accounts_share",
    "accounts_declinedlearner",
    "accounts_report",
    "accounts_notice",
    "accounts_workerheartbeat",
    "accounts_privatetextreading",
}

pytestmark = pytest.mark.django_db


def rows(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


def test_audit_finds_no_unprotected_table_or_function() -> None:
    tables = set(rows("select tablename from pg_tables where schemaname = 'public'"))
    assert tables >= OURS | {"django_migrations", "auth_permission"}
    assert rows(AUDIT) == []


def test_protect_tables_repairs_everything_that_the_audit_finds() -> None:
    with connection.cursor() as cursor:
        cursor.execute("create table newcomer (id int)")
        cursor.execute("grant select on accounts_user to anon")
        cursor.execute("grant update (title) on accounts_gig to authenticated")
        cursor.execute("grant select (content) on accounts_message to public")
        cursor.execute("create function everybodys(integer) returns int language sql as 'select 1'")
        cursor.execute("create procedure granted() language sql as 'select 1'")
        cursor.execute("revoke all on procedure granted() from public")
        cursor.execute("grant execute on procedure granted() to anon")
        cursor.execute("create aggregate total(int) (sfunc = int4pl, stype = int)")
    found = [
        "accounts_gig",
        "accounts_message",
        "accounts_user",
        "everybodys",
        "granted",
        "newcomer",
        "total",
    ]
    assert rows(AUDIT) == found
    protect_tables()
    assert rows(AUDIT) == []
    assert rows("select everybodys(1)") == [1], "its owner may still call it"


@pytest.mark.parametrize("role", ["anon", "authenticated"])
@pytest.mark.parametrize("table", sorted(OURS | {"django_migrations", "django_session", "django_admin_log"}))
def test_api_roles_are_denied(role: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"set local role {role}")
        with pytest.raises(ProgrammingError) as error, transaction.atomic():
            cursor.execute(f"select * from {table}")
    assert isinstance(error.value.__cause__, psycopg2.errors.InsufficientPrivilege)


@pytest.mark.parametrize(
    ("secured", "role_attribute", "readable"),
    [
        (False, "nobypassrls", True),
        (True, "nobypassrls", False),
        (True, "bypassrls", True),
    ],
)
def test_sessions_that_policies_hide_count_as_unreadable(
    secured: bool, role_attribute: str, readable: bool
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"create role api_server {role_attribute}")
        cursor.execute("grant usage on schema auth to api_server")
        cursor.execute("grant select on auth.users, auth.sessions to api_server")
        if secured:
            cursor.execute("alter table auth.sessions enable row level security")
        cursor.execute("set local role api_server")
        cursor.execute(AUTH_IS_READABLE)
        assert cursor.fetchone() == (readable,)


def test_repeated_protect_tables_alters_nothing() -> None:
    locks = "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and pid = pg_backend_pid()"
    before = rows(locks)
    with connection.cursor() as cursor:
        cursor.execute("create function quiet() returns int language sql as 'select 1'")
    protect_tables()
    versions = "select xmin::text || ctid::text from pg_proc where proname = 'quiet'"
    version = rows(versions)
    protect_tables()
    assert (rows(locks), rows(versions)) == (before, version)
