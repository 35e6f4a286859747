"""System checks of the database: run by ``migrate`` and by ``check --database default``."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connections

PRESENT = """
    select exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'realtime' and c.relname = 'messages')
      and exists (select 1 from pg_proc where proname = 'admit_chat_members')"""
POLICIES = """
    select count(*) from pg_policy p join pg_class c on c.oid = p.polrelid
    join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'realtime' and c.relname = 'messages'
      and p.polname = any(%s)"""
NAMES = ["chat members listen", "chat members are present", "people hear their own news"]


@register(Tags.database)
def events_are_heard(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Warns where Realtime is there and people may not hear what is theirs on it."""
    if not databases:
        return []
    with connections[databases[0]].cursor() as cursor:
        cursor.execute(PRESENT)
        if not cursor.fetchone()[0]:
            return []
        cursor.execute(POLICIES, [NAMES])
        missing = cursor.fetchone()[0] < len(NAMES)
    message = "The policies on realtime.messages are missing: all works, but nothing arrives at once."
    hint = "Run migrate as a role that may create policies there; see migrations 0012 and 0016."
    return [Warning(message, hint=hint, id="accounts.W001")] if missing else []
