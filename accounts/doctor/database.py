"""Checks of the database: connection, pooler, migrations, row level security."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import Error, connection, transaction
from django.db.migrations.loader import MigrationLoader

from accounts.doctor.findings import Check, Finding, error, warning

# Of a statement and of a new connection; below the time limit of a check, so that its findings are complete.
LIMIT_SECONDS = 4
TRANSACTION_PORT = 6543
SHOWN = 5  # names in a sentence

UNREACHABLE = error(
    "database_unreachable",
    "The database cannot be reached: {reason}.",
    "Correct DATABASE_URL, and check that the database runs and that this machine may connect to it.",
)
MIGRATIONS_MISSING = error(
    "migrations_missing",
    "{count} migrations have not been applied, the first is {first}.",
    "Run python manage.py migrate.",
)
POOLER_IS_TRANSACTION = error(
    "pooler_transaction_mode",
    "DATABASE_URL leads to a pooler in transaction mode on port {port}, and LinguaFlex uses port 6543 only"
    " as such a pooler: server-side cursors and session settings are lost between transactions.",
    "Use the direct connection or the session pooler on port 5432, or the transaction pooler on port 6543.",
)
POOLER_IS_SESSION = warning(
    "pooler_session_mode",
    "DATABASE_URL has port 6543, and what answers there is not a pooler in transaction mode: LinguaFlex"
    " opens a new connection for each request.",
    "Use the direct connection or the session pooler on port 5432.",
)
RLS_OFF = error(
    "row_level_security_off",
    "Row level security is off for {names}: Supabase's Data API may expose them.",
    "Run python manage.py migrate as the owner of the tables, and disable the Data API.",
)
API_ROLES_ADMITTED = error(
    "api_roles_have_privileges",
    "The roles anon or authenticated have privileges on {names}.",
    "Run python manage.py migrate as the owner: it revokes them. Disable the Data API.",
)

# Tables and views of this role, and tables of Django's apps that another role owns. None of extensions.
OWN_RELATIONS = """
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
      and (c.relname = any(%s) or pg_has_role(c.relowner, 'USAGE'))
      and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e')"""
TABLES_WITHOUT_RLS = f"""
    select c.relname::text {OWN_RELATIONS} and c.relkind in ('r', 'p') and not c.relrowsecurity order by 1"""
WITH_PRIVILEGES = f"""
    select c.relname::text {OWN_RELATIONS} and exists (
      select 1 from pg_roles r where r.rolname in ('anon', 'authenticated')
        and (has_table_privilege(r.oid, c.oid, 'select,insert,update,delete,truncate,references,trigger')
          or has_any_column_privilege(r.oid, c.oid, 'select,insert,update,references')))
    union all
    select p.proname || '()' from pg_proc p
    where p.pronamespace = 'public'::regnamespace and pg_has_role(p.proowner, 'USAGE')
      and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
      and exists (select 1 from pg_roles r where r.rolname in ('anon', 'authenticated')
        and has_function_privilege(r.oid, p.oid, 'execute'))
    order by 1"""


@contextlib.contextmanager
def limited() -> Iterator[Any]:
    """A cursor in a transaction whose statements are cancelled after LIMIT_SECONDS."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config('statement_timeout', %s, true)", [f"{LIMIT_SECONDS}s"])
        yield cursor


@contextlib.contextmanager
def acting_as(cursor: Any, role: str, sub: UUID | None) -> Iterator[None]:
    """Gives the transaction the rights of a caller of Supabase's services, with this role and ``sub``.

    Only errors of a savepoint may leave the context: after others, the role cannot be reset.
    """
    claims = json.dumps({"role": role, **({"sub": str(sub)} if sub else {})})
    for name, value in {"request.jwt.claims": claims, "role": role}.items():
        cursor.execute("select set_config(%s, %s, true)", [name, value])
    yield
    cursor.execute("reset role")


def reachable() -> Iterator[Finding]:
    """Finds a database to which no connection can be opened."""
    try:
        with connection.wrap_database_errors, contextlib.closing(new_connection()):
            pass
        with limited() as cursor:
            cursor.execute("select 1")
    except Error as failure:
        lines = str(failure).strip().splitlines() or [type(failure).__name__]
        yield UNREACHABLE.found(reason=lines[0].rstrip("."))


def migrations() -> Iterator[Finding]:
    """Finds migrations that have not been applied."""
    with limited():
        loader = MigrationLoader(connection)
    plans = (loader.graph.forwards_plan(leaf) for leaf in loader.graph.leaf_nodes())
    needed = dict.fromkeys(migration for plan in plans for migration in plan)
    if missing := [".".join(each) for each in needed if each not in loader.applied_migrations]:
        yield MIGRATIONS_MISSING.found(count=len(missing), first=missing[0])


def pooler() -> Iterator[Finding]:
    """Finds a pooler whose mode is not the one for which the settings are made."""
    options = connection.settings_dict
    is_expected = bool(options.get("DISABLE_SERVER_SIDE_CURSORS"))
    is_transaction_mode = shares_backends()
    if is_transaction_mode and not is_expected:
        yield POOLER_IS_TRANSACTION.found(port=options.get("PORT") or 5432)
    if is_expected and not is_transaction_mode:
        yield POOLER_IS_SESSION.found()


def shares_backends() -> bool:
    """Whether a pooler gives a connection's transactions to different server processes.

    Two connections run transactions in turn. Each has a process of its own, except in transaction mode: there
    both get the same process, or one of them gets another one. The turns differ, so that a pooler that
    hands out its processes in rotation is recognised too.
    """
    with contextlib.closing(new_connection()) as one, contextlib.closing(new_connection()) as other:
        seen: dict[Any, set[int]] = {one: set(), other: set()}
        for turn in (one, other, one, one, other, other, one):
            with turn.cursor() as cursor:
                cursor.execute("select pg_backend_pid()")
                seen[turn].add(cursor.fetchone()[0])
    return len(seen[one] | seen[other]) != 2 or seen[one] == seen[other]


def new_connection() -> Any:
    """A connection of the driver's, in autocommit: each statement is a transaction."""
    parameters = connection.get_connection_params() | {"connect_timeout": LIMIT_SECONDS}
    opened = connection.get_new_connection(parameters)
    opened.autocommit = True
    return opened


def row_level_security() -> Iterator[Finding]:
    """Finds tables without row level security, and tables and functions that the API's roles may use."""
    tables = connection.introspection.django_table_names()
    with limited() as cursor:
        cursor.execute(TABLES_WITHOUT_RLS, [tables])
        unprotected = [row[0] for row in cursor.fetchall()]
        cursor.execute(WITH_PRIVILEGES, [tables])
        admitted = [row[0] for row in cursor.fetchall()]
    if unprotected:
        yield RLS_OFF.found(names=shortened(unprotected))
    if admitted:
        yield API_ROLES_ADMITTED.found(names=shortened(admitted))


def shortened(names: list[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def checks() -> list[Check]:
    return [
        Check("database: connection", reachable, is_gate=True),
        Check("database: pooler", pooler),
        Check("database: migrations", migrations),
        Check("database: row level security", row_level_security),
    ]
