"""Bans in the database: the end without an end, the functions of Realtime, and the migration."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.models.bans import FOREVER
from tests.fixtures.migrations import migrate, production, rows
from tests.fixtures.people import Person

pytestmark = pytest.mark.django_db

# A banned user, one who is not, and a deleted one.
OLD_USERS = """
insert into accounts_user (id, name, email, role, password, is_superuser, is_active, is_staff, updated_at,
  created_at, deleted_at, profile_picture, phone_number, bio, city, country, native_language,
  native_language_code, learning_languages, learning_language_codes, search_text, timezone)
select gen_random_uuid(), name, '', 'student', '!', false, name = 'present', false, now(), now(),
  case name when 'deleted' then now() end, '', '', '', '', '', '', '', '{}', '{}', '', 'UTC'
from unnest(array['banned', 'present', 'deleted']) name
returning 1"""
FUNCTIONS = """
select pg_get_functiondef(oid) from pg_proc
where proname in ('is_chat_member', 'is_own_topic') order by proname
"""


def may_listen(person: Person, topic: str) -> bool:
    """What the policies of Realtime ask for a topic of the person."""
    function = "is_own_topic" if topic.startswith("user:") else "is_chat_member"
    with connection.cursor() as cursor:
        claims = json.dumps({"sub": str(person.user.pk)})
        cursor.execute("select set_config('request.jwt.claims', %s, true)", [claims])
        cursor.execute(f"select private.{function}(%s)", [topic])
        return bool(cursor.fetchone()[0])


def test_realtime_refuses_a_user_until_the_ban_ends(student: Person, teacher: Person) -> None:
    topics = [f"user:{student.user.pk}", student.open_chat(teacher)["realtime"]["topic"]]
    assert [may_listen(student, topic) for topic in topics] == [True, True]
    now = timezone.now()
    for until, may in ((FOREVER, False), (now + timedelta(hours=1), False), (now - timedelta(hours=1), True)):
        User.objects.filter(pk=student.user.pk).update(banned_until=until)
        assert [may_listen(student, topic) for topic in topics] == [may, may], until


@pytest.mark.parametrize(
    "until",
    [
        None,
        FOREVER,
        datetime(2199, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime.min.replace(year=1970, tzinfo=UTC),
    ],
)
def test_the_end_of_a_ban_is_read_as_it_was_written(student: Person, until: datetime | None) -> None:
    student.user.banned_until = until
    student.user.save(update_fields=["banned_until"])
    stored: Any = User.objects.get(pk=student.user.pk).banned_until
    assert stored == until
    found = User.objects.bulk_update([student.user], ["banned_until"])
    assert found == 1 and User.objects.get(banned_until=until).banned_until == until


@pytest.mark.slow
def test_0040_turns_inactive_accounts_into_bans_and_back(plain: str) -> None:
    migrate(production(plain), ["accounts", "0039"])
    assert len(rows(OLD_USERS)) == 3
    functions = rows(FUNCTIONS)
    migrate(production(plain), ["accounts", "0040"])
    bans = "select name, is_active, isfinite(banned_until) from accounts_user order by name"
    assert rows(bans) == [("banned", True, False), ("deleted", False, None), ("present", True, None)]
    assert rows("update accounts_user set banned_until = now() where name = 'present' returning 1")
    migrate(production(plain), ["accounts", "0039"])
    active = "select name, is_active from accounts_user order by name"
    assert rows(active) == [("banned", False), ("deleted", False), ("present", True)]
    assert rows(FUNCTIONS) == functions
    migrate(production(plain), ["accounts", "0040"])
    assert rows(FUNCTIONS) != functions
