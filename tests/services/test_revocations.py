"""Revocations, which apply if the database role cannot read Supabase's sessions."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts.integrations import supabase_auth
from accounts.models import Revocation
from accounts.models.auth_sessions import auth_is_readable
from accounts.services import auth_sessions
from tests.fixtures.people import Person, client_of
from tests.fixtures.tokens import signed

ME = "/accounts/users/me/"


@pytest.fixture(autouse=True)
def unreadable(student: Person) -> Iterator[None]:
    """Hides Supabase's tables inside the transaction of the test, which is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("alter schema auth rename to auth_hidden")
    auth_is_readable.cache_clear()
    yield
    auth_is_readable.cache_clear()


def status(person: Person) -> int:
    return int(person.client.get(ME).status_code)


def test_token_without_a_revocation_is_accepted(student: Person) -> None:
    assert not auth_is_readable(connection.settings_dict["NAME"])
    assert status(student) == 200


def test_local_revokes_the_tokens_of_one_session(student: Person) -> None:
    now = timezone.now()
    auth_sessions.revoke_tokens(user_id=student.user.pk, session_id=uuid4(), scope="local", at=now)
    assert status(student) == 200
    auth_sessions.revoke_tokens(user_id=student.user.pk, session_id=student.session_id, scope="local", at=now)
    assert status(student) == 401


def test_others_revokes_the_tokens_of_all_other_sessions(student: Person) -> None:
    now = timezone.now()
    auth_sessions.revoke_tokens(
        user_id=student.user.pk, session_id=student.session_id, scope="others", at=now
    )
    assert status(student) == 200
    auth_sessions.revoke_tokens(user_id=student.user.pk, session_id=uuid4(), scope="others", at=now)
    assert status(student) == 401


def test_global_revokes_tokens_issued_before_it(student: Person) -> None:
    past = datetime.now(UTC) - timedelta(hours=1)
    auth_sessions.revoke_tokens(user_id=student.user.pk, session_id=None, scope="global", at=past)
    assert status(student) == 200
    auth_sessions.revoke_tokens(user_id=student.user.pk, session_id=None, scope="global", at=timezone.now())
    assert status(student) == 401


def test_token_issued_in_the_second_of_a_global_sign_out_is_accepted(student: Person) -> None:
    at = timezone.now().replace(microsecond=0)
    auth_sessions.revoke_tokens(
        user_id=student.user.pk, session_id=None, scope="global", at=at.replace(microsecond=999_999)
    )
    again = signed(sub=str(student.user.pk), session_id=str(uuid4()), iat=int(at.timestamp()))
    assert client_of(again).get(ME).status_code == 200
    before = signed(sub=str(student.user.pk), session_id=str(uuid4()), iat=int(at.timestamp()) - 1)
    assert client_of(before).get(ME).status_code == 401


def test_global_sign_out_revokes_the_callers_token_of_the_same_second(
    student: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supabase_auth, "sign_out", lambda **named: None)
    own = signed(sub=str(student.user.pk), session_id=str(uuid4()))
    assert client_of(own).post("/accounts/logout/", {"scope": "global"}).status_code == 204
    assert client_of(own).get(ME).status_code == 401


def test_expired_revocations_are_deleted(student: Person) -> None:
    past = datetime.now(UTC) - timedelta(days=8)
    auth_sessions.revoke_tokens(user_id=uuid4(), session_id=None, scope="global", at=past)
    auth_sessions.revoke_tokens(user_id=uuid4(), session_id=None, scope="global", at=timezone.now())
    assert Revocation.objects.count() == 1
