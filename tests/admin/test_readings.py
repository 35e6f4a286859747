"""The log of readings of private text: append-only, committed at once, emptied with the owner's account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.errors import InvalidInput
from accounts.models import Chat, Message, PrivateTextReading, User
from accounts.services import private_text
from tests.fixtures.people import Person
from tests.fixtures.staff import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/accounts/privatetextreading/"


def read(by: User, owner: User, why: str = "A complaint") -> PrivateTextReading:
    """A logged reading of a row of the owner."""
    private_text.record_reading(by=by, row=owner, owner=owner, why=why)
    return PrivateTextReading.objects.latest("pk")


@pytest.mark.parametrize(
    "statement",
    [
        "update {table} set why = 'Another reason'",
        "update {table} set why = '', object_id = 'x'",
        "update {table} set created_at = now()",
        "update {table} set owner_id = null",
        "delete from {table}",
    ],
)
def test_the_database_refuses_to_change_or_delete_a_reading(
    superuser: User, student: Person, statement: str
) -> None:
    read(superuser, student.user)
    table = PrivateTextReading._meta.db_table
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table=table))
    assert PrivateTextReading.objects.get().why == "A complaint"


def test_a_reading_inside_a_transaction_is_refused(superuser: User, student: Person) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        read(superuser, student.user)
    assert not PrivateTextReading.objects.exists()


@pytest.mark.parametrize("why", ["", " \n", "​", "x" * 501])
def test_a_reading_needs_a_reason(superuser: User, student: Person, why: str) -> None:
    with pytest.raises(InvalidInput) as error:
        read(superuser, student.user, why)
    assert "why" in error.value.errors
    assert not PrivateTextReading.objects.exists()


def test_the_deletion_of_the_owner_empties_the_reasons(
    superuser: User, student: Person, stranger: Person, teacher: Person
) -> None:
    chat = student.open_chat(stranger)
    student.write(chat)
    rows: list[Any] = [student.user, Chat.objects.get(), Message.objects.get()]
    owners = [student.user, None, stranger.user]
    for row, owner in zip(rows, owners, strict=True):
        private_text.record_reading(by=superuser, row=row, owner=owner, why="Ana is rude")
    read(superuser, stranger.user, "Kept")
    theirs = stranger.open_chat(teacher)
    stranger.write(theirs)
    for other in (Chat.objects.get(pk=theirs["id"]), Message.objects.get(chat=theirs["id"])):
        private_text.record_reading(by=superuser, row=other, owner=stranger.user, why="Kept")
    gone = student.client.delete("/accounts/users/me/", {"confirm": student.user.email})
    assert gone.status_code == 204
    readings = PrivateTextReading.objects.order_by("pk")
    assert list(readings.values_list("why", flat=True)) == ["", "", "", *["Kept"] * 3]
    assert set(readings.values_list("by", flat=True)) == {superuser.pk}


def test_staff_with_the_permission_see_who_read_whose_text_and_why(
    make_staff: Callable[..., User], superuser: User, student: Person
) -> None:
    row = read(superuser, student.user, "A complaint of Friday")
    member = signed_in(make_staff("Sam", "view_privatetextreading"))
    other = signed_in(make_staff("Eve", "read_private_text", "view_user"))
    for path in (LIST, f"{LIST}?q={student.user.pk}", f"{LIST}?q=root", f"{LIST}{row.pk}/change/"):
        html = member.get(path).content.decode()
        assert "A complaint of Friday" in html and student.user.name in html and superuser.name in html
        assert other.get(path).status_code == 403
        assert Client().get(path)["Location"].startswith("/admin/login/")


def test_nobody_changes_or_deletes_a_reading_in_the_admin(
    boss: Client, superuser: User, student: Person
) -> None:
    row = read(superuser, student.user)
    for path in ("add/", f"{row.pk}/delete/", f"{row.pk}/change/"):
        assert boss.post(f"{LIST}{path}", {"why": "x", "post": "yes"}).status_code == 403
    boss.post(LIST, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert PrivateTextReading.objects.get().why == "A complaint"
