"""Bans: what they end, what a lift revives, and who may not ban whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import Revocation, User
from accounts.models import auth_sessions as live_sessions
from accounts.services import users
from standins.tests.fixtures.auth import AuthApi, auth
from tests.fixtures.people import client_of
from tests.fixtures.staff import PASSWORD, act, enter, logged, signed_in, told

__all__ = ["auth"]
pytestmark = pytest.mark.django_db(transaction=True)

ME = "/accounts/users/me/"


@pytest.fixture
def guard(make_staff: Callable[..., User]) -> Client:
    """A member of staff who may ban."""
    return signed_in(make_staff("Sam", "view_user", "ban_user"))


def sign_in(user: User, auth: AuthApi) -> str:
    """An access token of a sign-in of the person's own."""
    return str(auth.sign_in(user.email, PASSWORD).json()["access_token"])


def test_a_ban_ends_every_session_at_once_and_a_lift_revives_none(
    guard: Client, make_account: Callable[..., User], auth: AuthApi
) -> None:
    ana, zoe = make_account("Ana"), make_account("Zoe")
    tokens = [sign_in(user, auth) for user in (ana, ana, zoe)]
    assert [client_of(token).get(ME).status_code for token in tokens] == [200] * 3
    assert told(act(guard, "user", "ban", ana, zoe)) == "Banned (2 users)"
    assert [client_of(token).get(ME).status_code for token in tokens] == [401] * 3
    assert auth.sql("select count(*) from auth.sessions") == [(0,)]
    assert auth.sign_in(ana.email, PASSWORD).json()["code"] == "user_banned"
    assert sorted(logged()) == sorted([(str(ana.pk), "Banned"), (str(zoe.pk), "Banned")])
    assert told(act(guard, "user", "unban", ana)) == "Ban lifted (1 user)"
    assert client_of(tokens[0]).get(ME).status_code == 401
    assert client_of(sign_in(ana, auth)).get(ME).status_code == 200
    assert auth.sign_in(zoe.email, PASSWORD).json()["code"] == "user_banned"


def test_old_tokens_stay_dead_where_sessions_cannot_be_deleted(
    make_account: Callable[..., User], auth: AuthApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = make_account("Ana")
    auth.sign_in(ana.email, PASSWORD)
    token = sign_in(ana, auth)
    later = timezone.now() + timedelta(seconds=2)  # tokens are dated by whole seconds
    monkeypatch.setattr(live_sessions, "may_end_sessions", lambda database: False)
    users.ban_user(user=ana, at=later)
    users.unban_user(user=ana)
    assert len(auth.sql("select 1 from auth.sessions")) == 2
    assert client_of(token).get(ME).status_code == 401
    Revocation.objects.all().delete()
    assert client_of(token).get(ME).status_code == 200


def test_a_ban_while_supabase_is_down_takes_access_and_is_completed_by_repeating(
    guard: Client, make_account: Callable[..., User], auth: AuthApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = make_account("Ana")
    token = sign_in(ana, auth)
    with monkeypatch.context() as down:
        down.setattr(settings, "SUPABASE_URL", "http://127.0.0.1:9")
        sentence = told(act(guard, "user", "ban", ana))
    assert "1 not completed: Ana. The account service cannot be reached." in sentence
    assert client_of(token).get(ME).status_code == 401
    assert auth.sql("select banned_until from auth.users where id = %s", str(ana.pk)) == [(None,)]
    assert told(act(guard, "user", "ban", ana)) == "Banned (1 user)"
    assert auth.sign_in(ana.email, PASSWORD).json()["code"] == "user_banned"
    with monkeypatch.context() as down:
        down.setattr(settings, "SUPABASE_URL", "http://127.0.0.1:9")
        act(guard, "user", "unban", ana)
    assert not User.objects.get(pk=ana.pk).is_active


def test_a_banned_member_of_staff_comes_back_with_a_new_sign_in_only(
    boss: Client, make_staff: Callable[..., User]
) -> None:
    sam = make_staff("Sam", "view_gig")
    client = signed_in(sam)
    act(boss, "user", "ban", sam)
    assert client.get("/admin/").status_code == 302
    act(boss, "user", "unban", sam)
    assert client.get("/admin/").status_code == 302
    assert enter(client, sam.email).status_code == 302 and client.get("/admin/").status_code == 200


def test_bans_have_their_limits(
    guard: Client, make_staff: Callable[..., User], superuser: User, make_account: Callable[..., User]
) -> None:
    ana, gone = make_account("Ana"), make_account("Gone")
    gone.bury(at=timezone.now())
    unable = signed_in(make_staff("Eve", "view_user", "change_user"))
    act(unable, "user", "ban", ana)
    assert User.objects.get(pk=ana.pk).is_active
    assert "Only superusers ban a superuser." in told(act(guard, "user", "ban", superuser, ana))
    assert User.objects.get(pk=superuser.pk).is_active and not User.objects.get(pk=ana.pk).is_active
    me = User.objects.get(name="Sam")
    assert "Nobody bans themselves." in told(act(guard, "user", "ban", me))
    act(guard, "user", "unban", gone)
    assert not User.objects.get(pk=gone.pk).is_active
