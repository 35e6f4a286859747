"""A change of the profile picture that fails between the upload and the commit."""

from typing import Any

import httpx
import pytest
from django.db import OperationalError

from accounts.integrations import supabase_storage
from accounts.models import User
from accounts.services import profile_pictures
from tests.fixtures.people import Person
from tests.fixtures.pictures import Bucket, picture, put

ME = "/accounts/users/me/"


class Killed(BaseException):
    """Simulates SIGKILL: no handler runs."""


def test_failure_of_the_database_changes_neither_profile_nor_files(
    student: Person, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert put(student, picture()).status_code == 200
    before, names = student.client.get(ME).json(), bucket.names()

    def fail(*_: Any) -> None:
        assert len(bucket.names()) == 2, "the new file is uploaded"
        raise OperationalError("connection lost")

    with monkeypatch.context() as broken:
        broken.setattr(User, "replace_profile_picture", fail)
        assert put(student, picture()).status_code == 503
    assert student.client.get(ME).json() == before
    assert bucket.names() == names
    assert httpx.get(before["profile_picture"]).status_code == 200


def test_killed_process_keeps_the_previous_picture_and_leaves_a_removable_file(
    student: Person, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert put(student, picture()).status_code == 200
    before = student.client.get(ME).json()

    def kill(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(User, "replace_profile_picture", kill)
        broken.setattr(supabase_storage, "remove", lambda **named: None)
        with pytest.raises(Killed):
            put(student, picture())
    assert student.client.get(ME).json() == before
    assert httpx.get(before["profile_picture"]).status_code == 200
    assert len(bucket.names()) == 2
    assert put(student, picture()).status_code == 200
    profile_pictures.remove_all_pictures(user=student.user)
    assert bucket.names() == []
