"""The number of chats with unread messages, and of unread messages in all."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.fixtures.people import CHATS, Person

pytestmark = pytest.mark.django_db

UNREAD = f"{CHATS}unread/"


def unread(person: Person) -> dict[str, int]:
    """The person's totals."""
    response = person.client.get(UNREAD)
    assert response.status_code == 200, response.content
    found: dict[str, int] = response.json()
    return found


def test_unread_messages_of_all_chats_are_counted(
    student: Person, teacher: Person, stranger: Person, make_person: Callable[..., Person]
) -> None:
    assert unread(student) == {"chats": 0, "messages": 0}
    first, second = student.open_chat(teacher), student.open_chat(stranger)
    student.open_chat(make_person("Lea"))
    for chat, writer in ((first, teacher), (first, teacher), (second, stranger)):
        writer.write(chat)
    assert unread(student) == {"chats": 2, "messages": 3}
    student.client.post(f"{CHATS}{first['id']}/read/", {"seq": 1})
    assert unread(student) == {"chats": 2, "messages": 2}
    student.write(second)
    assert unread(student) == {"chats": 1, "messages": 1}
    teacher.client.delete(f"{CHATS}{first['id']}/messages/2/")
    assert unread(student) == {"chats": 0, "messages": 0}
    assert unread(stranger) == {"chats": 1, "messages": 1}


def test_the_totals_are_the_sums_of_the_list_also_with_a_blocked_chat(
    student: Person, teacher: Person
) -> None:
    chat = student.open_chat(teacher)
    teacher.write(chat)
    for person in (student, teacher):
        assert person.client.post(f"{CHATS}{chat['id']}/block/").status_code == 204
    [listed] = student.client.get(CHATS).json()
    assert (listed["blocked_by_me"], listed["unread_count"]) == (True, 1)
    assert unread(student) == {"chats": 1, "messages": 1}
    student.client.post(f"{CHATS}{chat['id']}/read/", {"seq": 1})
    assert unread(student) == {"chats": 0, "messages": 0}


def test_the_totals_cost_one_statement(
    student: Person, teacher: Person, django_assert_num_queries: Any
) -> None:
    teacher.write(student.open_chat(teacher))
    with django_assert_num_queries(2):  # user and session; the totals
        assert unread(student) == {"chats": 1, "messages": 1}
