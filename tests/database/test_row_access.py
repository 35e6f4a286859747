"""Every table, by SQL, as anon, as the person whose rows it has, and as another person.

tests/cases/row_level_security.txt has the decisions. A new table or column has none, and fails.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection

from tests.fixtures.people import Person
from tests.fixtures.row_access import FILE, IDENTITIES, NOTHING, access, decisions, tables, usable_columns

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
PRESENCE = (
    "insert into realtime.messages (topic, extension, private, event) values (%s, 'presence', true, 'x')"
)
FILES = """
insert into storage.buckets (id, name, public) values ('b', 'b', true);
insert into storage.objects (bucket_id, name, owner_id) values ('b', %s, %s)"""


def test_every_table_and_column_has_a_decision() -> None:
    decided = {name: columns for name, (_, columns) in decisions().items()}
    found = tables()
    undecided = [
        f"{name}: {', '.join(sorted(columns ^ decided.get(name, set())))}"
        for name, columns in found.items()
        if columns != decided.get(name)
    ]
    assert not undecided, f"Decide in {FILE} who may use these tables and columns:\n" + "\n".join(undecided)
    assert decided.keys() == found.keys()


def test_api_roles_may_use_no_column_of_a_table_that_nobody_may_use() -> None:
    closed = [name for name, (allowed, _) in decisions().items() if set(allowed) == {NOTHING}]
    assert len(closed) > 30
    usable = {name: columns for name in closed if (columns := usable_columns(name))}
    # Supabase grants its API roles these tables. Policies, of which there are none, would show rows.
    assert usable.keys() == {"storage.buckets", "storage.objects"}


def test_each_identity_reaches_the_decided_rows(student: Person, stranger: Person, teacher: Person) -> None:
    chat = student.open_chat(teacher)
    student.write(chat)
    topic = chat["realtime"]["topic"]
    with connection.cursor() as cursor:
        cursor.execute(PRESENCE, [topic])
        cursor.execute(FILES, [f"{student.user.pk}/x.webp", str(student.user.pk)])
    subs = {"anon": str(uuid.uuid4()), "own": str(student.user.pk), "other": str(stranger.user.pk)}
    faults, count = list[str](), 0
    for name, (expected, _) in decisions().items():
        for identity, allowed in zip(IDENTITIES, expected, strict=True):
            role = "anon" if identity == "anon" else "authenticated"
            found = access(name, role=role, sub=subs[identity], topic=topic)
            count += len(found)
            if found != allowed:
                faults.append(f"{name} as {identity}: {found}, decided: {allowed}")
    assert not faults, "\n".join(faults)
    print(f"{count} operations on {len(decisions())} tables, 0 undecided")


def test_the_probe_finds_a_table_that_is_open(student: Person) -> None:
    """``access`` itself: a privilege, a policy for one person, and a table without row level security."""
    sub, other = str(student.user.pk), str(uuid.uuid4())

    def found(who: Any) -> str:
        return access("public.newcomer", role="authenticated", sub=who, topic="")

    with connection.cursor() as cursor:
        cursor.execute("create table newcomer (id int primary key, owner uuid)")
        cursor.execute("insert into newcomer values (1, %s)", [sub])
        assert found(sub) == "----"
        cursor.execute("grant select, insert, update on newcomer to authenticated")
        assert found(sub) == "siu-"
        cursor.execute("alter table newcomer enable row level security")
        assert found(sub) == "----"
        cursor.execute("create policy own on newcomer using (owner = (select auth.uid()))")
        assert (found(sub), found(other)) == ("siu-", "----")
