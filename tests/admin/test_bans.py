"""Bans of users: ended sessions, ends, lifting, outages of Supabase, permissions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.integrations import supabase_auth
from accounts.models import Revocation, User, auth_sessions
from accounts.models.bans import FOREVER
from standins.tests.fixtures.auth import AuthApi, auth
from tests.fixtures.accounts import login_of
from tests.fixtures.jobs import pass_time, run_jobs
from tests.fixtures.people import client_of
from tests.fixtures.staff import PASSWORD, act, ban, enter, lift_ban, logged, page_messages, signed_in

__all__ = ["auth"]
pytestmark = pytest.mark.django_db(transaction=True)

ME = "/accounts/users/me/"
SOON = timedelta(minutes=2)  # a run of the job that had failed is repeated by then


@pytest.fixture
def moderator(make_staff: Callable[..., User]) -> Client:
    """A member of staff who may ban."""
    return signed_in(make_staff("Sam", "view_user", "ban_user"))


def sign_in(user: User, auth: AuthApi) -> str:
    """Signs the user in at Supabase. Returns the access token."""
    return str(auth.sign_in(user.email, PASSWORD).json()["access_token"])


def banned_at_supabase(user: User, auth: AuthApi) -> Any:
    """The end of the ban of the Supabase account."""
    return auth.sql("select banned_until from auth.users where id = %s", str(user.pk))[0][0]


def is_banned(user: User) -> bool:
    return User.objects.get(pk=user.pk).is_banned(at=timezone.now())


def test_ban_ends_every_session_and_lifting_restores_none(
    moderator: Client, make_account: Callable[..., User], auth: AuthApi
) -> None:
    ana, zoe = make_account("Ana"), make_account("Zoe")
    tokens = [sign_in(user, auth) for user in (ana, ana, zoe)]
    assert [client_of(token).get(ME).status_code for token in tokens] == [200] * 3
    done = act(moderator, "user", "ban", ana, zoe, reason="Spam.")
    assert page_messages(done) == "Banned for ever (2 users)"
    assert [client_of(token).get(ME).status_code for token in tokens] == [401] * 3
    assert auth.sql("select count(*) from auth.sessions") == [(0,)]
    note = "Banned for ever: Spam."
    assert sorted(logged()) == sorted([(str(ana.pk), note), (str(zoe.pk), note)])
    assert run_jobs() == []
    assert auth.sign_in(ana.email, PASSWORD).json()["code"] == "user_banned"
    assert page_messages(act(moderator, "user", "unban", ana)) == "Ban lifted (1 user)"
    assert run_jobs() == []
    assert client_of(tokens[0]).get(ME).status_code == 401
    assert client_of(sign_in(ana, auth)).get(ME).status_code == 200
    assert auth.sign_in(zoe.email, PASSWORD).json()["code"] == "user_banned"


def test_the_form_requires_a_reason_and_refuses_an_end_that_has_passed_or_is_too_far(
    moderator: Client, make_account: Callable[..., User]
) -> None:
    ana = make_account("Ana")
    page = act(moderator, "user", "ban", ana).content.decode()
    assert "1 user will lose all access" in page and "This field is required" not in page
    assert "This field is required" in act(moderator, "user", "ban", ana, reason=" ").content.decode()
    passed = act(moderator, "user", "ban", ana, reason="Spam.", until="2020-01-01T12:00")
    assert "The end of a ban is in the future." in passed.content.decode()
    # In UTC, this is in the year 10000, which Python cannot read.
    too_far = act(moderator, "user", "ban", ana, reason="Spam.", until="9999-12-31T23:59:59-12:00")
    assert "This end is too far in the future." in too_far.content.decode()
    assert not is_banned(ana) and logged() == []


def test_a_second_ban_replaces_the_reason_and_the_end(
    moderator: Client, make_account: Callable[..., User], auth: AuthApi
) -> None:
    ana = make_account("Ana")
    act(moderator, "user", "ban", ana, reason="Spam.")
    done = act(moderator, "user", "ban", ana, reason="Less spam.", until="2199-12-24T18:00")
    assert page_messages(done) == "Banned until 2199-12-24 18:00 UTC (1 user)"
    history = moderator.get(f"/admin/accounts/user/{ana.pk}/history/").content.decode()
    assert "Banned for ever: Spam." in history
    assert "Banned until 2199-12-24 18:00 UTC: Less spam." in history
    assert "until 2199-12-24 18:00 UTC" in moderator.get("/admin/accounts/user/").content.decode()
    assert run_jobs() == []
    in_100_years = timezone.now() + supabase_auth.MAX_BAN
    assert abs(banned_at_supabase(ana, auth) - in_100_years) < timedelta(hours=1)


def test_the_end_of_a_ban_is_logged_and_stored_in_utc_whatever_its_offset(
    moderator: Client, make_account: Callable[..., User]
) -> None:
    ana = make_account("Ana")
    for offset, instant in (("+05:30", "2199-12-24 12:30"), ("+23:59", "2199-12-23 18:01")):
        done = act(moderator, "user", "ban", ana, reason="Spam.", until=f"2199-12-24T18:00{offset}")
        assert page_messages(done) == f"Banned until {instant} UTC (1 user)"
        assert logged()[-1] == (str(ana.pk), f"Banned until {instant} UTC: Spam.")
        stored = User.objects.get(pk=ana.pk).banned_until
        assert stored is not None and f"{stored:%Y-%m-%d %H:%M}" == instant


def test_a_ban_ends_by_itself_for_the_guard_and_the_login(
    make_account: Callable[..., User], auth: AuthApi
) -> None:
    ana = make_account("Ana")
    token = sign_in(ana, auth)
    assert login_of(ana, PASSWORD).status_code == 200
    ban(ana, until=timezone.now() + timedelta(hours=1))
    assert client_of(token).get(ME).status_code == 401
    assert login_of(ana, PASSWORD).json()["code"] == "user_banned"  # before Supabase is banned
    assert run_jobs() == []
    assert auth.sign_in(ana.email, PASSWORD).json()["code"] == "user_banned"
    refused = login_of(ana, PASSWORD)
    assert (refused.status_code, set(refused.json())) == (400, {"code", "detail"})
    ban(ana, until=timezone.now() + timedelta(seconds=2))
    assert run_jobs() == []
    auth.sql("select pg_sleep_until(%s) is null", str(User.objects.get(pk=ana.pk).banned_until))
    assert login_of(ana, PASSWORD).status_code == 200
    assert client_of(token).get(ME).status_code == 401  # its session has ended
    assert not is_banned(ana)


def test_old_tokens_stay_revoked_if_sessions_cannot_be_deleted(
    make_account: Callable[..., User], auth: AuthApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = make_account("Ana")
    auth.sign_in(ana.email, PASSWORD)
    token = sign_in(ana, auth)
    later = timezone.now() + timedelta(seconds=2)  # ``iat`` is in whole seconds
    monkeypatch.setattr(auth_sessions, "sessions_are_deletable", lambda database: False)
    ban(ana, at=later)
    lift_ban(ana)
    assert len(auth.sql("select 1 from auth.sessions")) == 2
    assert client_of(token).get(ME).status_code == 401
    Revocation.objects.all().delete()
    assert client_of(token).get(ME).status_code == 200


def test_ban_and_lift_during_an_outage_are_completed_by_later_runs(
    moderator: Client, make_account: Callable[..., User], auth: AuthApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = make_account("Ana")
    token = sign_in(ana, auth)
    for action, is_now_banned in (("ban", True), ("unban", False)):
        with monkeypatch.context() as down:
            down.setattr(settings, "SUPABASE_URL", "http://127.0.0.1:9")
            done = act(moderator, "user", action, ana, reason="Spam.")
            assert "(1 user)" in page_messages(done) and is_banned(ana) is is_now_banned
            assert run_jobs() == []
            pass_time(SOON)
            assert run_jobs() == []  # the second run fails too
        assert client_of(token).get(ME).status_code == 401
        assert bool(banned_at_supabase(ana, auth)) is not is_now_banned
        pass_time(SOON)
        assert run_jobs() == []
        assert bool(banned_at_supabase(ana, auth)) is is_now_banned
    assert client_of(sign_in(ana, auth)).get(ME).status_code == 200


def test_a_run_that_a_killed_worker_has_lost_is_repeated(
    make_account: Callable[..., User], auth: AuthApi
) -> None:
    ana = make_account("Ana")
    ban(ana)
    DBTaskResult.objects.filter(run_after__lte=timezone.now()).update(status="RUNNING")
    assert run_jobs() == [] and banned_at_supabase(ana, auth) is None
    pass_time(SOON)
    assert run_jobs() == [] and banned_at_supabase(ana, auth) is not None


def test_a_slow_run_of_a_ban_that_was_lifted_meanwhile_lifts_it_again(
    make_account: Callable[..., User], auth: AuthApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = make_account("Ana")
    ban(ana)
    send = supabase_auth.ban_account

    def lift_and_send(**arguments: Any) -> None:
        monkeypatch.undo()
        lift_ban(ana)
        assert run_jobs() == []  # the runs of the lifting end before the request of this one
        send(**arguments)

    monkeypatch.setattr(supabase_auth, "ban_account", lift_and_send)
    assert run_jobs() == []
    assert banned_at_supabase(ana, auth) is None


def test_a_session_that_begins_before_supabase_is_banned_ends_with_the_job(
    make_account: Callable[..., User], auth: AuthApi
) -> None:
    ana = make_account("Ana")
    ban(ana)
    token = sign_in(ana, auth)
    assert client_of(token).get(ME).status_code == 401
    assert run_jobs() == []
    lift_ban(ana)
    assert run_jobs() == []
    assert client_of(token).get(ME).status_code == 401


def test_a_ban_without_an_end_is_infinity_in_the_database(
    make_account: Callable[..., User], auth: AuthApi
) -> None:
    ana = make_account("Ana")
    ban(ana)
    stored = "select isfinite(banned_until), banned_until > now() from accounts_user where id = %s"
    assert auth.sql(stored, str(ana.pk)) == [(False, True)]
    assert User.objects.get(pk=ana.pk).banned_until == FOREVER
    assert User.objects.filter(banned_until=FOREVER).count() == 1
    assert not User.objects.filter(banned_until__lt=FOREVER).exists()


def test_banned_staff_must_log_in_again_after_the_ban(boss: Client, make_staff: Callable[..., User]) -> None:
    sam = make_staff("Sam", "view_gig")
    client = signed_in(sam)
    act(boss, "user", "ban", sam, reason="Spam.")
    assert client.get("/admin/").status_code == 302
    act(boss, "user", "unban", sam)
    assert run_jobs() == []
    assert client.get("/admin/").status_code == 302
    assert enter(client, sam.email).status_code == 302 and client.get("/admin/").status_code == 200


def test_bans_require_the_permission_and_a_higher_rank(
    moderator: Client, make_staff: Callable[..., User], superuser: User, make_account: Callable[..., User]
) -> None:
    ana, gone = make_account("Ana"), make_account("Gone")
    gone.anonymise(at=timezone.now())
    unable = signed_in(make_staff("Eve", "view_user", "change_user"))
    act(unable, "user", "ban", ana, reason="Spam.")
    assert not is_banned(ana)
    done = act(moderator, "user", "ban", superuser, ana, gone, reason="Spam.")
    assert "Only superusers ban a superuser." in page_messages(done)
    assert [is_banned(user) for user in (superuser, ana, gone)] == [False, True, False]
    me = User.objects.get(name="Sam")
    assert "Nobody bans themselves." in page_messages(act(moderator, "user", "ban", me, reason="Spam."))
    assert LogEntry.objects.count() == 1


def test_lists_filter_by_ban(boss: Client, make_account: Callable[..., User]) -> None:
    ana, zoe = make_account("Ana", role="teacher"), make_account("Zoe")
    ban(ana)
    ban(zoe, until=timezone.now() + timedelta(days=1))
    User.objects.filter(pk=zoe.pk).update(banned_until=timezone.now() - timedelta(seconds=1))
    for value, names in (("yes", {"Ana"}), ("no", {"Zoe", "Root", "Moderator"}), ("x", None)):
        rows = boss.get(f"/admin/accounts/user/?banned={value}").context["cl"].result_list
        assert {str(row) for row in rows} == (names or {"Ana", "Zoe", "Root", "Moderator"})
