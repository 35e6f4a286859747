"""Supabase's API roles reach no table of ours, whatever they were granted before."""

import psycopg2
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from accounts.apps import protect_tables

# supabase.com/docs/guides/database/postgres/row-level-security: what must not be there.
AUDIT = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p')
  and (not c.relrowsecurity or exists (
    select 1 from pg_roles r where r.rolname in ('anon', 'authenticated')
      and has_table_privilege(r.oid, c.oid, 'select,insert,update,delete')))
order by 1"""
OURS = {
    "accounts_user",
    "accounts_revocation",
    "accounts_teacher",
    "accounts_gig",
    "accounts_chat",
    "accounts_message",
    "accounts_voiceconversation",
}

pytestmark = pytest.mark.django_db


def rows(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


def test_audit_finds_nothing() -> None:
    tables = set(rows("select tablename from pg_tables where schemaname = 'public'"))
    assert tables >= OURS | {"django_migrations", "auth_permission"}
    assert rows(AUDIT) == []


def test_audit_finds_what_the_sweep_mends() -> None:
    with connection.cursor() as cursor:
        cursor.execute("create table newcomer (id int)")
        cursor.execute("grant select on accounts_user to anon")
    assert rows(AUDIT) == ["accounts_user", "newcomer"]
    protect_tables()
    assert rows(AUDIT) == []


@pytest.mark.parametrize("role", ["anon", "authenticated"])
@pytest.mark.parametrize("table", sorted(OURS | {"django_migrations", "django_session", "django_admin_log"}))
def test_api_roles_are_denied(role: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"set local role {role}")
        with pytest.raises(ProgrammingError) as error, transaction.atomic():
            cursor.execute(f"select * from {table}")
    assert isinstance(error.value.__cause__, psycopg2.errors.InsufficientPrivilege)


def test_second_sweep_alters_nothing() -> None:
    locks = "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and pid = pg_backend_pid()"
    before = rows(locks)
    protect_tables()
    assert rows(locks) == before
