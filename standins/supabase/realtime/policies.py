"""Evaluates the policies on ``realtime.messages`` with probe rows, which are rolled back.

A probe row has a topic, an extension (``broadcast`` or ``presence``) and, for a client's broadcast, an
event; its payload is null. The event is an addition of the stand-in: Supabase's probe has no event
(supabase/realtime, authorization.ex), so there a policy that compares the event denies every broadcast.
"""

import json
import uuid
from collections.abc import Iterable

import psycopg2

from standins.supabase.pool import Cursor
from standins.supabase.realtime.callers import Caller

BROADCAST, PRESENCE = "broadcast", "presence"
ROLES = {"anon", "authenticated", "service_role"}


def readable(cursor: Cursor, caller: Caller, topic: str, extensions: Iterable[str]) -> set[str]:
    """The extensions of the topic that the SELECT policies allow ``caller`` to receive."""
    probes = {str(uuid.uuid4()): extension for extension in extensions}
    for probe, extension in probes.items():
        cursor.execute(
            "insert into realtime.messages (id, topic, extension) values (%s, %s, %s)",
            (probe, topic, extension),
        )
    _act_as(cursor, caller, topic)
    cursor.execute("select id::text from realtime.messages where id = any(%s::uuid[])", (list(probes),))
    found = {probes[row[0]] for row in cursor.fetchall()}
    cursor.execute("rollback")
    return found


def may_write(cursor: Cursor, caller: Caller, topic: str, extension: str, event: str | None = None) -> bool:
    """Whether the INSERT policies allow ``caller`` to send."""
    _act_as(cursor, caller, topic)
    try:
        cursor.execute(
            "insert into realtime.messages (topic, extension, event) values (%s, %s, %s)",
            (topic, extension, event),
        )
    except psycopg2.errors.InsufficientPrivilege:
        return False
    finally:
        cursor.execute("rollback")
    return True


def _act_as(cursor: Cursor, caller: Caller, topic: str) -> None:
    """Sets the caller's role, and the settings that policies read, until the end of the transaction.

    Raises psycopg2.errors.InsufficientPrivilege for a role that clients cannot have.
    """
    if caller.role not in ROLES:
        raise psycopg2.errors.InsufficientPrivilege(f"role {caller.role!r} is not for clients")
    settings = {
        "role": caller.role,
        "realtime.topic": topic,
        "request.jwt.claims": json.dumps(dict(caller.claims)),
        "request.jwt.claim.sub": str(caller.claims.get("sub", "")),
        "request.jwt.claim.role": caller.role,
    }
    for name, value in settings.items():
        cursor.execute("select set_config(%s, %s, true)", (name, value))
