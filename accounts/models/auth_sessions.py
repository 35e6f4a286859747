"""SQL conditions on Supabase's tables: whether a session is live, and whether an account is active.

The signature of an access token stays valid until ``exp``, but a logout, ban or deletion ends its
session at once. The tables ``auth.sessions`` and ``auth.users`` record that, also for requests that
other clients send to Supabase. If the database role may not read them, the table of revocations is
used instead.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Exists, ExpressionWrapper, Q, Value
from django.db.models.expressions import Combinable, RawSQL

from accounts.models.revocations import Revocation

SESSION_IS_LIVE = """exists (
    select 1 from auth.sessions s join auth.users u on u.id = s.user_id
    where s.id = %s and s.user_id = %s and (s.not_after is null or s.not_after > now())
      and u.deleted_at is null and (u.banned_until is null or u.banned_until <= now()))"""
ACCOUNT_IS_ACTIVE = """exists (
    select 1 from auth.users u
    where u.id = %s and u.deleted_at is null and (u.banned_until is null or u.banned_until <= now()))"""
ACCOUNT_WITH_EMAIL = """
    select id, email_confirmed_at is not null from auth.users
    where email = lower(%s) and not is_sso_user and deleted_at is null"""
AUTH_IS_READABLE = """
    select coalesce(bool_and(
        has_table_privilege(c.oid, 'select') and not row_security_active(c.oid)), false) and count(*) = 2
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'auth' and c.relname in ('sessions', 'users')
      and has_schema_privilege(n.oid, 'usage')"""
SESSIONS_ARE_DELETABLE = """
    select coalesce(bool_or(has_table_privilege(c.oid, 'delete') and not row_security_active(c.oid)), false)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'auth' and c.relname = 'sessions' and has_schema_privilege(n.oid, 'usage')"""


def session_rights() -> tuple[bool, bool]:
    """Whether the database role may read Supabase's sessions, and whether it may delete them too."""
    database = connection.settings_dict["NAME"]
    readable = auth_is_readable(database)
    return readable, readable and sessions_are_deletable(database)


def session_is_live(
    *, sub: UUID, session_id: UUID, issued_at: datetime, readable: bool, deletable: bool
) -> Combinable:
    """A boolean expression: the session has not ended, and neither a ban nor a revocation applies.

    ``readable`` and ``deletable`` are the ``session_rights``. ``issued_at`` has no effect if ``deletable``.
    """
    live = RawSQL(SESSION_IS_LIVE, [session_id, sub], output_field=BooleanField())
    if deletable:
        return live
    revoked = Revocation.objects.covering(sub=sub, session_id=session_id, issued_at=issued_at)
    if not readable:
        return ~Exists(revoked)
    # A ban cannot delete the sessions either. The revocations keep their tokens invalid after the ban.
    return ExpressionWrapper(Q(live) & ~Exists(revoked), output_field=BooleanField())


def session_created_at(*, sub: UUID, session_id: UUID) -> datetime | None:
    """The instant at which the session of this account began.

    None for an unknown session, or if the database role may not read Supabase's sessions.
    """
    if not auth_is_readable(connection.settings_dict["NAME"]):
        return None
    with connection.cursor() as cursor:
        query = "select created_at from auth.sessions where id = %s and user_id = %s"
        cursor.execute(query, [session_id, sub])
        row = cursor.fetchone()
    return row[0] if row else None


def account_is_active(sub: UUID) -> Combinable:
    """A boolean expression: the Supabase account exists and is not banned.

    True if the database role may not read ``auth.users``.
    """
    if auth_is_readable(connection.settings_dict["NAME"]):
        return RawSQL(ACCOUNT_IS_ACTIVE, [sub], output_field=BooleanField())
    return Value(True)


@dataclass(frozen=True)
class FoundAccount:
    """A Supabase account, and whether its address is confirmed."""

    id: UUID
    is_confirmed: bool


def account_with_email(email: str) -> FoundAccount | None:
    """The Supabase account with this address. None if the database role may not read ``auth.users``, too."""
    if not auth_is_readable(connection.settings_dict["NAME"]):
        return None
    with connection.cursor() as cursor:
        cursor.execute(ACCOUNT_WITH_EMAIL, [email])
        row = cursor.fetchone()
    return FoundAccount(UUID(str(row[0])), row[1]) if row else None


def delete_sessions(sub: UUID) -> None:
    """Deletes every session of the account, and with them their refresh tokens.

    Does nothing if the database role may not delete them.
    """
    if sessions_are_deletable(connection.settings_dict["NAME"]):
        with connection.cursor() as cursor:
            cursor.execute("delete from auth.sessions where user_id = %s", [sub])


@lru_cache
def auth_is_readable(database: str) -> bool:
    """Whether this role may read all rows of Supabase's sessions and accounts.

    False if row level security applies to the role: a query would return no session, and every token
    would be refused. ``database`` is the name of the connected database, the key of the cache.
    """
    with connection.cursor() as cursor:
        cursor.execute(AUTH_IS_READABLE)
        return bool(cursor.fetchone()[0])


@lru_cache
def sessions_are_deletable(database: str) -> bool:
    """Whether this role may delete Supabase's sessions. ``database`` is the key of the cache."""
    with connection.cursor() as cursor:
        cursor.execute(SESSIONS_ARE_DELETABLE)
        return bool(cursor.fetchone()[0])
