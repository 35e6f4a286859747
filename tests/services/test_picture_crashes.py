"""A change of the profile picture that fails between the upload and the commit."""

import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.db import OperationalError
from PIL import Image

from accounts.integrations import supabase_storage
from accounts.models import User
from accounts.services import profile_pictures
from tests.fixtures.people import Person
from tests.fixtures.supabase import Supabase

ME = "/accounts/users/me/"


class Killed(BaseException):
    """The process is killed: no clean-up runs."""


@pytest.fixture
def stored_names(db: None, supabase: Supabase) -> Iterator[Any]:
    """Returns the names of the stored files. Storage is empty before and after the test."""

    def sql(statement: str) -> list[str]:
        connection = supabase.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return [name for (name,) in cursor.fetchall()]
        finally:
            connection.close()

    delete_all = "delete from storage.objects returning name"
    sql(delete_all)
    yield lambda: sql("select name from storage.objects")
    sql(delete_all)


def put(person: Person, colour: str) -> Any:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(content, "PNG")
    content.seek(0)
    content.name = "me.png"
    return person.client.put(f"{ME}profile-picture/", {"profile_picture": content}, format="multipart")


def test_failure_of_the_database_changes_neither_profile_nor_files(
    student: Person, stored_names: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert put(student, "red").status_code == 200
    before, names = student.client.get(ME).json(), stored_names()

    def fail(*_: Any) -> None:
        assert len(stored_names()) == 2, "the new file is uploaded"
        raise OperationalError("connection lost")

    with monkeypatch.context() as broken:
        broken.setattr(User, "replace_profile_picture", fail)
        assert put(student, "blue").status_code == 503
    assert student.client.get(ME).json() == before
    assert stored_names() == names
    assert httpx.get(before["profile_picture"]).status_code == 200


def test_killed_process_keeps_the_previous_picture_and_leaves_a_removable_file(
    student: Person, stored_names: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert put(student, "red").status_code == 200
    before = student.client.get(ME).json()

    def kill(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(User, "replace_profile_picture", kill)
        broken.setattr(supabase_storage, "remove", lambda **named: None)
        with pytest.raises(Killed):
            put(student, "blue")
    assert student.client.get(ME).json() == before
    assert httpx.get(before["profile_picture"]).status_code == 200
    assert len(stored_names()) == 2
    assert put(student, "green").status_code == 200
    profile_pictures.remove_all_pictures(user=student.user)
    assert stored_names() == []
