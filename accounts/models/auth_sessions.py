"""Whether the session of an access token still lives: asked of Supabase's own tables.

A signature stays good until ``exp``; logout, ban and deletion end a session at once. The tables
``auth.sessions`` and ``auth.users`` are the truth, whichever client ended it. Where this database
role may not read them, our own revocations stand in.
"""

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Exists, ExpressionWrapper, Q, Value
from django.db.models.expressions import Combinable, RawSQL

from accounts.models.revocations import Revocation

SESSION_LIVES = """exists (
    select 1 from auth.sessions s join auth.users u on u.id = s.user_id
    where s.id = %s and s.user_id = %s and (s.not_after is null or s.not_after > now())
      and u.deleted_at is null and (u.banned_until is null or u.banned_until <= now()))"""
ACCOUNT_IS_OPEN = """exists (
    select 1 from auth.users u
    where u.id = %s and u.deleted_at is null and (u.banned_until is null or u.banned_until <= now()))"""
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


def session_is_live(*, sub: UUID, session_id: UUID, issued_at: datetime) -> Combinable:
    """A boolean expression, true while the session is neither ended, banned nor revoked."""
    database = connection.settings_dict["NAME"]
    revoked = Revocation.objects.covering(sub=sub, session_id=session_id, issued_at=issued_at)
    if not auth_is_readable(database):
        return ~Exists(revoked)
    lives = RawSQL(SESSION_LIVES, [session_id, sub], output_field=BooleanField())
    if may_end_sessions(database):
        return lives
    # The tokens of a session that we had to leave there would be good again with the end of a ban.
    return ExpressionWrapper(Q(lives) & ~Exists(revoked), output_field=BooleanField())


@lru_cache
def auth_is_readable(database: str) -> bool:
    """Whether this role may read all of Supabase's sessions in ``database``, the one connected to.

    A role that row level security applies to would see none, and everybody would be signed out.
    """
    with connection.cursor() as cursor:
        cursor.execute(AUTH_IS_READABLE)
        return bool(cursor.fetchone()[0])


def account_is_open(sub: UUID) -> Combinable:
    """A boolean expression, true unless Supabase's account is gone or banned."""
    if auth_is_readable(connection.settings_dict["NAME"]):
        return RawSQL(ACCOUNT_IS_OPEN, [sub], output_field=BooleanField())
    return Value(True)


def end_sessions(sub: UUID) -> None:
    """Ends every session of the account where this role may; a refresh then finds none."""
    if may_end_sessions(connection.settings_dict["NAME"]):
        with connection.cursor() as cursor:
            cursor.execute("delete from auth.sessions where user_id = %s", [sub])


@lru_cache
def may_end_sessions(database: str) -> bool:
    """Whether this role may delete Supabase's sessions in ``database``; else our revocations stand in."""
    with connection.cursor() as cursor:
        cursor.execute(SESSIONS_ARE_DELETABLE)
        return bool(cursor.fetchone()[0])
