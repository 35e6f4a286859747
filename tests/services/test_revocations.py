"""Our own revocations replace Supabase's sessions if those cannot be read."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts.integrations import supabase_auth
from accounts.models import Revocation
from accounts.models.auth_sessions import auth_is_readable
from accounts.services import users
from tests.fixtures.people import Person, client_of
from tests.fixtures.tokens import signed

ME = "/accounts/users/me/"


@pytest.fixture(autouse=True)
def unreadable(student: Person) -> Iterator[None]:
    """Hides Supabase's tables within the test's transaction, which is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("alter schema auth rename to auth_hidden")
    auth_is_readable.cache_clear()
    yield
    auth_is_readable.cache_clear()


def status(person: Person) -> int:
    return int(person.client.get(ME).status_code)


def test_nothing_is_revoked_at_first(student: Person) -> None:
    assert not auth_is_readable(connection.settings_dict["NAME"])
    assert status(student) == 200


def test_local_ends_this_session_alone(student: Person) -> None:
    now = timezone.now()
    users.revoke(user_id=student.user.pk, session_id=uuid4(), scope="local", at=now)
    assert status(student) == 200
    users.revoke(user_id=student.user.pk, session_id=student.session_id, scope="local", at=now)
    assert status(student) == 401


def test_others_spares_this_session(student: Person) -> None:
    now = timezone.now()
    users.revoke(user_id=student.user.pk, session_id=student.session_id, scope="others", at=now)
    assert status(student) == 200
    users.revoke(user_id=student.user.pk, session_id=uuid4(), scope="others", at=now)
    assert status(student) == 401


def test_global_ends_tokens_issued_before(student: Person) -> None:
    past = datetime.now(UTC) - timedelta(hours=1)
    users.revoke(user_id=student.user.pk, session_id=None, scope="global", at=past)
    assert status(student) == 200
    users.revoke(user_id=student.user.pk, session_id=None, scope="global", at=timezone.now())
    assert status(student) == 401


def test_sign_in_within_the_second_of_a_global_sign_out_is_good(student: Person) -> None:
    at = timezone.now().replace(microsecond=0)
    users.revoke(user_id=student.user.pk, session_id=None, scope="global", at=at.replace(microsecond=999_999))
    again = signed(sub=str(student.user.pk), session_id=str(uuid4()), iat=int(at.timestamp()))
    assert client_of(again).get(ME).status_code == 200
    before = signed(sub=str(student.user.pk), session_id=str(uuid4()), iat=int(at.timestamp()) - 1)
    assert client_of(before).get(ME).status_code == 401


def test_global_sign_out_ends_the_callers_session_of_the_same_second(
    student: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supabase_auth, "sign_out", lambda **named: None)
    own = signed(sub=str(student.user.pk), session_id=str(uuid4()))
    assert client_of(own).post("/accounts/logout/", {"scope": "global"}).status_code == 204
    assert client_of(own).get(ME).status_code == 401


def test_revocations_of_tokens_that_are_over_are_removed(student: Person) -> None:
    past = datetime.now(UTC) - timedelta(days=8)
    users.revoke(user_id=uuid4(), session_id=None, scope="global", at=past)
    users.revoke(user_id=uuid4(), session_id=None, scope="global", at=timezone.now())
    assert Revocation.objects.count() == 1
