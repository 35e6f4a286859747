"""Bans of users: ended sessions, lifting, outages of Supabase, permissions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import Revocation, User, auth_sessions
from accounts.services import bans
from standins.tests.fixtures.auth import AuthApi, auth
from tests.fixtures.people import client_of
from tests.fixtures.staff import PASSWORD, act, enter, logged, page_messages, signed_in

__all__ = ["auth"]
pytestmark = pytest.mark.django_db(transaction=True)

ME = "/accounts/users/me/"


@pytest.fixture
def moderator(make_staff: Callable[..., User]) -> Client:
    """A member of staff who may ban."""
    return signed_in(make_staff("Sam", "view_user", "ban_user"))


def sign_in(user: User, auth: AuthApi) -> str:
    """Signs the user in at Supabase. Returns the access token."""
    return str(auth.sign_in(user.email, PASSWORD).json()["access_token"])


def test_ban_ends_every_session_and_lifting_restores_none(
    moderator: Client, make_account: Callable[..., User], auth: AuthApi
) -> None:
    ana, zoe = make_account("Ana"), make_account("Zoe")
    tokens = [sign_in(user, auth) for user in (ana, ana, zoe)]
    assert [client_of(token).get(ME).status_code for token in tokens] == [200] * 3
    assert page_messages(act(moderator, "user", "ban", ana, zoe)) == "Banned (2 users)"
    assert [client_of(token).get(ME).status_code for token in tokens] == [401] * 3
    assert auth.sql("select count(*) from auth.sessions") == [(0,)]
    assert auth.sign_in(ana.email, PASSWORD).json()["code"] == "user_banned"
    assert sorted(logged()) == sorted([(str(ana.pk), "Banned"), (str(zoe.pk), "Banned")])
    assert page_messages(act(moderator, "user", "unban", ana)) == "Ban lifted (1 user)"
    assert client_of(tokens[0]).get(ME).status_code == 401
    assert client_of(sign_in(ana, auth)).get(ME).status_code == 200
    assert auth.sign_in(zoe.email, PASSWORD).json()["code"] == "user_banned"


def test_old_tokens_stay_revoked_if_sessions_cannot_be_deleted(
    make_account: Callable[..., User], auth: AuthApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = make_account("Ana")
    auth.sign_in(ana.email, PASSWORD)
    token = sign_in(ana, auth)
    later = timezone.now() + timedelta(seconds=2)  # ``iat`` is in whole seconds
    monkeypatch.setattr(auth_sessions, "sessions_are_deletable", lambda database: False)
    bans.ban_user(user=ana, at=later)
    bans.unban_user(user=ana)
    assert len(auth.sql("select 1 from auth.sessions")) == 2
    assert client_of(token).get(ME).status_code == 401
    Revocation.objects.all().delete()
    assert client_of(token).get(ME).status_code == 200


def test_ban_during_an_outage_withdraws_access_and_is_completed_by_a_repetition(
    moderator: Client, make_account: Callable[..., User], auth: AuthApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = make_account("Ana")
    token = sign_in(ana, auth)
    with monkeypatch.context() as down:
        down.setattr(settings, "SUPABASE_URL", "http://127.0.0.1:9")
        sentence = page_messages(act(moderator, "user", "ban", ana))
    assert "1 not completed: Ana. The account service cannot be reached." in sentence
    assert client_of(token).get(ME).status_code == 401
    assert auth.sql("select banned_until from auth.users where id = %s", str(ana.pk)) == [(None,)]
    assert page_messages(act(moderator, "user", "ban", ana)) == "Banned (1 user)"
    assert auth.sign_in(ana.email, PASSWORD).json()["code"] == "user_banned"
    with monkeypatch.context() as down:
        down.setattr(settings, "SUPABASE_URL", "http://127.0.0.1:9")
        act(moderator, "user", "unban", ana)
    assert not User.objects.get(pk=ana.pk).is_active


def test_banned_staff_must_log_in_again_after_the_ban(boss: Client, make_staff: Callable[..., User]) -> None:
    sam = make_staff("Sam", "view_gig")
    client = signed_in(sam)
    act(boss, "user", "ban", sam)
    assert client.get("/admin/").status_code == 302
    act(boss, "user", "unban", sam)
    assert client.get("/admin/").status_code == 302
    assert enter(client, sam.email).status_code == 302 and client.get("/admin/").status_code == 200


def test_bans_require_the_permission_and_a_higher_rank(
    moderator: Client, make_staff: Callable[..., User], superuser: User, make_account: Callable[..., User]
) -> None:
    ana, gone = make_account("Ana"), make_account("Gone")
    gone.anonymise(at=timezone.now())
    unable = signed_in(make_staff("Eve", "view_user", "change_user"))
    act(unable, "user", "ban", ana)
    assert User.objects.get(pk=ana.pk).is_active
    assert "Only superusers ban a superuser." in page_messages(act(moderator, "user", "ban", superuser, ana))
    assert User.objects.get(pk=superuser.pk).is_active and not User.objects.get(pk=ana.pk).is_active
    me = User.objects.get(name="Sam")
    assert "Nobody bans themselves." in page_messages(act(moderator, "user", "ban", me))
    act(moderator, "user", "unban", gone)
    assert not User.objects.get(pk=gone.pk).is_active
