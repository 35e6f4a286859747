"""System checks of the database. ``migrate`` and ``check --database default`` run them."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connections

REALTIME_IN_USE = """
    select exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'realtime' and c.relname = 'messages')
      and exists (select 1 from pg_proc where proname = 'admit_chat_members')"""
COUNT_POLICIES = """
    select count(*) from pg_policy p join pg_class c on c.oid = p.polrelid
    join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'realtime' and c.relname = 'messages'
      and p.polname = any(%s)"""
# Names in the database: a change needs a migration.
POLICIES = ["chat members listen", "chat members are present", "people hear their own news"]


@register(Tags.database)
def realtime_policies_exist(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Warns if the ``realtime`` schema exists without the policies for users' own events."""
    if not databases:
        return []
    with connections[databases[0]].cursor() as cursor:
        cursor.execute(REALTIME_IN_USE)
        if not cursor.fetchone()[0]:
            return []
        cursor.execute(COUNT_POLICIES, [POLICIES])
        missing = cursor.fetchone()[0] < len(POLICIES)
    message = "Policies on realtime.messages are missing: the API works, but clients receive no events."
    hint = "Run migrate as a role that may create policies on that table; see accounts/migrations/sql/."
    return [Warning(message, hint=hint, id="accounts.W001")] if missing else []
