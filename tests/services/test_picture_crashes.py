"""Crashes between the upload of a profile picture and the commit."""

import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.db import OperationalError
from PIL import Image

from accounts.services import profile_pictures
from tests.fixtures.people import Person
from tests.fixtures.supabase import Supabase

ME = "/accounts/users/me/"


class Killed(BaseException):
    """The process is killed: none of its clean-up runs."""


@pytest.fixture
def stored_names(db: None, supabase: Supabase) -> Iterator[Any]:
    """Returns the names of all files; there are none before and after the test."""

    def sql(statement: str) -> list[str]:
        connection = supabase.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return [name for (name,) in cursor.fetchall()]
        finally:
            connection.close()

    everything = "delete from storage.objects returning name"
    sql(everything)
    yield lambda: sql("select name from storage.objects")
    sql(everything)


def put(person: Person, colour: str) -> Any:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(content, "PNG")
    content.seek(0)
    content.name = "me.png"
    return person.client.put(f"{ME}profile-picture/", {"profile_picture": content}, format="multipart")


def test_database_that_fails_leaves_profile_and_files_as_they_were(
    student: Person, stored_names: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert put(student, "red").status_code == 200
    before, names = student.client.get(ME).json(), stored_names()

    def fail(*_: Any) -> None:
        assert len(stored_names()) == 2, "the new file is there already"
        raise OperationalError("connection lost")

    with monkeypatch.context() as broken:
        broken.setattr(profile_pictures, "_name_in_row", fail)
        assert put(student, "blue").status_code == 503
    assert student.client.get(ME).json() == before
    assert stored_names() == names
    assert httpx.get(before["profile_picture"]).status_code == 200


def test_killed_process_leaves_the_old_picture_and_nothing_for_ever(
    student: Person, stored_names: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert put(student, "red").status_code == 200
    before = student.client.get(ME).json()

    def kill(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(profile_pictures, "_name_in_row", kill)
        broken.setattr(profile_pictures, "_forget", lambda _: None)
        with pytest.raises(Killed):
            put(student, "blue")
    assert student.client.get(ME).json() == before
    assert httpx.get(before["profile_picture"]).status_code == 200
    assert len(stored_names()) == 2
    assert put(student, "green").status_code == 200
    profile_pictures.remove_all(user=student.user)
    assert stored_names() == []
