"""``repeat_deletions`` deletes users whom a restored backup contains again."""

import io
import uuid
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User, VoiceConversation
from tests.fixtures.people import Person

pytestmark = pytest.mark.django_db


def repeat(monkeypatch: pytest.MonkeyPatch, capsys: Any, text: str) -> str:
    """The output of the command for this standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    call_command("repeat_deletions")
    return str(capsys.readouterr().out)


def test_a_restored_user_is_deleted_with_all_rows(
    student: Person, stranger: Person, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    for person in (student, stranger):
        person.save_conversation()
    assert repeat(monkeypatch, capsys, f"{student.user.pk}\n") == "Deleted 1 users again.\n"
    assert User.objects.get(pk=student.user.pk).deleted_at is not None
    assert [row.user_id for row in VoiceConversation.objects.all()] == [stranger.user.pk]
    assert student.client.get("/accounts/users/me/").status_code == 401


def test_unknown_and_deleted_users_change_nothing(
    student: Person, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    repeat(monkeypatch, capsys, str(student.user.pk))
    text = f"{student.user.pk}\n{uuid.uuid4()}\n\n"
    assert repeat(monkeypatch, capsys, text) == "Deleted 0 users again.\n"


def test_a_line_that_is_no_id_deletes_nobody(
    student: Person, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    with pytest.raises(CommandError, match="id of a user on each line"):
        repeat(monkeypatch, capsys, f"{student.user.pk}\nana@example.com")
    assert User.objects.get(pk=student.user.pk).deleted_at is None
