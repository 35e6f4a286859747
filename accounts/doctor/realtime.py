"""Checks of Supabase Realtime's authorisation of private channels, in the database."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from django.db import ProgrammingError, transaction

from accounts.doctor.database import acting_as, limited, shortened
from accounts.doctor.findings import Check, Finding, error, warning
from accounts.models import Chat, Participant, User

REALTIME_MISSING = warning(
    "realtime_missing",
    "The database has no function realtime.send: the API works, but clients receive no events.",
    "Check that DATABASE_URL is the database of the project in SUPABASE_URL, and that Realtime is enabled.",
)
POLICIES_MISSING = error(
    "realtime_policies_missing",
    "Policies on realtime.messages are missing: {names}. The API works, but clients receive no events.",
    "Run python manage.py migrate as a role that may create policies on that table.",
)
REFUSES_MEMBERS = error(
    "realtime_refuses_members",
    "Realtime does not let users listen to {topics}: they receive no events there.",
    "Run python manage.py migrate, and remove restrictive policies of your own on realtime.messages.",
)
ADMITS_STRANGERS = error(
    "realtime_admits_strangers",
    "Realtime lets everybody listen to {topics}, with what is written there.",
    "Enable row level security on realtime.messages, and remove policies of your own on that table.",
)

REALTIME_EXISTS = """
    select to_regclass('realtime.messages') is not null
      and to_regprocedure('realtime.send(jsonb,text,text,boolean)') is not null"""
EXISTING_POLICIES = "select polname::text from pg_policy where polrelid = to_regclass('realtime.messages')"
# Names in the database: a change needs a migration.
POLICIES = ("chat members listen", "chat members are present", "people hear their own news")


def policies() -> Iterator[Finding]:
    """Finds that Realtime is missing, or its policies."""
    with limited() as cursor:
        cursor.execute(REALTIME_EXISTS)
        if not cursor.fetchone()[0]:
            yield REALTIME_MISSING.found()
            return
        cursor.execute(EXISTING_POLICIES)
        existing = {row[0] for row in cursor.fetchall()}
    if missing := [name for name in POLICIES if name not in existing]:
        yield POLICIES_MISSING.found(names=shortened(missing))


def authorisation() -> Iterator[Finding]:
    """Finds that a user cannot listen to their own topics, or that a stranger can.

    Sends events to two new users and their chat, and reads them as Realtime does. The transaction is rolled
    back, so that nothing of this is stored or sent.
    """
    refused, admitted = [], []
    with limited() as cursor:
        cursor.execute(REALTIME_EXISTS)
        if cursor.fetchone()[0]:
            one, other = _new_people()
            topics = {f"user:{one}": "user: channels", f"chat:{_new_chat(one, other)}": "chat: channels"}
            for topic, name in topics.items():
                cursor.execute("select realtime.send('{}', 'doctor', %s, true)", [topic])
                if not _reads(cursor, topic, "authenticated", one):
                    refused.append(name)
                if _reads(cursor, topic, "authenticated", uuid4()) or _reads(cursor, topic, "anon", None):
                    admitted.append(name)
            transaction.set_rollback(True)
    if refused:
        yield REFUSES_MEMBERS.found(topics=" and ".join(refused))
    if admitted:
        yield ADMITS_STRANGERS.found(topics=" and ".join(admitted))


def _new_people() -> list[UUID]:
    """The ids of two new users, in order."""
    people = sorted(uuid4() for _ in range(2))
    User.objects.bulk_create(User(id=each) for each in people)
    return people


def _new_chat(first: UUID, second: UUID) -> UUID:
    """The id of a new chat of two users."""
    chat = Chat.objects.create(first_id=first, second_id=second)
    Participant.objects.bulk_create(Participant(chat=chat, user_id=each) for each in (first, second))
    return chat.pk


def _reads(cursor: Any, topic: str, role: str, sub: UUID | None) -> bool:
    """Whether the policies let a caller with this role and ``sub`` read what was sent to the topic."""
    cursor.execute("select set_config('realtime.topic', %s, true)", [topic])
    with acting_as(cursor, role, sub):
        try:
            with transaction.atomic():
                cursor.execute("select exists (select 1 from realtime.messages where topic = %s)", [topic])
                return bool(cursor.fetchone()[0])
        except ProgrammingError:  # a policy calls a function that the role may not execute
            return False


def checks() -> list[Check]:
    return [
        Check("Realtime: policies", policies),
        Check("Realtime: private channels", authorisation),
    ]
