"""What staff do to gigs, teachers and people, and what each of them may not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Gig, Revocation, Teacher, User
from accounts.models import sessions as live_sessions
from accounts.services import users
from tests.admin.conftest import PASSWORD, act, enter, make_gig, signed_in, told
from tests.conftest import Person, client_of
from tests.supabase_fixtures import AuthApi, auth

__all__ = ["auth"]
pytestmark = pytest.mark.django_db(transaction=True)

API_GIGS, ME = "/accounts/gigs/", "/accounts/users/me/"


def offered(client: Any) -> list[int]:
    """The gigs that the API lists."""
    return [gig["id"] for gig in client.get(API_GIGS).json()]


def logged() -> list[tuple[str, str]]:
    """The admin's log: what was noted of which row, oldest first."""
    return [(entry.object_id or "", entry.change_message) for entry in LogEntry.objects.order_by("id")]


# ------------------------------------------------------------------------------------- gigs


def test_gigs_are_suspended_with_a_reason_and_lifted(
    make_staff: Callable[..., User], teacher: Person, student: Person
) -> None:
    draft = make_gig(teacher.user, "Draft", status="draft")
    first, second = make_gig(teacher.user), make_gig(teacher.user, "Business")
    client = signed_in(make_staff("Sam", "view_gig", "suspend_gig"))
    assert set(offered(student.client)) == {first.pk, second.pk}
    asked = act(client, "gig", "suspend", first, second, draft)
    assert "3 gigs will be hidden" in asked.content.decode()
    assert len(offered(student.client)) == 2
    blank = act(client, "gig", "suspend", first, second, draft, reason=" ")
    assert "This field is required." in blank.content.decode()
    done = act(client, "gig", "suspend", first, second, draft, reason="Not a language.")
    assert told(done) == "Suspended: Not a language. (3 gigs)"
    assert offered(student.client) == []
    mine = teacher.client.get(f"{API_GIGS}mine/").json()
    assert {gig["status"] for gig in mine} == {"suspended"}
    assert {gig.suspension_reason for gig in Gig.objects.all()} == {"Not a language."}
    assert set(logged()) == {(str(gig.pk), "Suspended: Not a language.") for gig in (first, second, draft)}
    done = act(client, "gig", "lift_suspension", first, second, draft)
    assert told(done) == "Suspension lifted (3 gigs)"
    assert set(offered(student.client)) == {first.pk, second.pk}
    assert Gig.objects.get(pk=draft.pk).status == "draft"


def test_all_of_a_filtered_list_are_suspended_at_once(boss: Client, teacher: Person) -> None:
    spanish = [make_gig(teacher.user, f"Spanish {n}") for n in range(60)]  # more than a page
    other = make_gig(teacher.user, "French", currency="USD")
    selected = {"action": "suspend", "_selected_action": [str(spanish[-1].pk)], "select_across": "1"}
    address = "/admin/accounts/gig/?currency__exact=EUR"
    asked = boss.post(address, selected)
    assert "60 gigs will be hidden" in asked.content.decode()
    assert 'name="select_across" value="1"' in asked.content.decode()
    boss.post(address, selected | {"reason": "Sweep."})
    assert Gig.objects.filter(status="suspended").count() == 60
    assert Gig.objects.get(pk=other.pk).status == "active"


def test_suspending_needs_its_permission(make_staff: Callable[..., User], gig: Gig) -> None:
    client = signed_in(make_staff("Sam", "view_gig", "change_gig", "delete_gig"))
    for action in ("suspend", "lift_suspension"):
        act(client, "gig", action, gig, reason="Because.")
    assert Gig.objects.get().status == "active"
    assert logged() == []


def test_a_gig_is_corrected_but_for_what_is_derived_or_decided_elsewhere(boss: Client, gig: Gig) -> None:
    address = f"/admin/accounts/gig/{gig.pk}/change/"
    fields = {
        "title": "Ñandú talk",
        "description": "Words",
        "language": "French",
        "price_per_session": "9.50",
        "currency": "usd",
        "session_minutes": "30",
        "what_is_included": "",
    }
    forbidden = {"status": "paused", "search_text": "x", "language_code": "xx", "tags": "a", "teacher": ""}
    assert boss.post(address, fields | forbidden).status_code == 302
    changed = Gig.objects.get()
    assert (changed.title, changed.currency, changed.status) == ("Ñandú talk", "USD", "active")
    assert (changed.language_code, changed.tags, changed.teacher_id) == ("fr", [], gig.teacher_id)
    assert "nandu talk" in changed.search_text
    for wrong in ({"currency": "ABC"}, {"session_minutes": "0"}, {"price_per_session": "-1"}, {"title": ""}):
        assert boss.post(address, fields | wrong).status_code == 200
    assert boss.get("/admin/accounts/gig/add/").status_code == 403


# --------------------------------------------------------------------------------- teachers


def test_teachers_are_verified_and_it_is_taken_back(
    make_staff: Callable[..., User], teacher: Person, student: Person
) -> None:
    make_gig(teacher.user)
    row = Teacher.objects.get()
    address = f"/accounts/teachers/{row.pk}/"
    denied = signed_in(make_staff("Eve", "view_teacher", "change_teacher"))
    act(denied, "teacher", "verify", row)
    assert student.client.get(address).json()["is_verified"] is False
    client = signed_in(make_staff("Sam", "view_teacher", "verify_teacher"))
    assert told(act(client, "teacher", "verify", row)) == "Verified (1 teacher)"
    assert student.client.get(address).json()["is_verified"] is True
    act(client, "teacher", "take_verification_back", row)
    assert student.client.get(address).json()["is_verified"] is False
    assert logged() == [(str(row.pk), "Verified"), (str(row.pk), "Verification taken back")]
    for path in ("add/", f"{row.pk}/delete/"):
        assert client.get(f"/admin/accounts/teacher/{path}").status_code == 403


# ----------------------------------------------------------------------------------- people


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


def test_people_are_neither_added_nor_deleted_here(boss: Client, student: Person) -> None:
    address = f"/admin/accounts/user/{student.user.pk}"
    assert "people delete their account themselves" in boss.get(f"{address}/change/").content.decode()
    assert boss.get("/admin/accounts/user/add/").status_code == 403
    assert boss.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    act(boss, "user", "delete_selected", student.user, post="yes")
    assert User.objects.filter(pk=student.user.pk).exists()


PROFILE: dict[str, Any] = {"name": "Renamed", "timezone": "UTC"}
CROWN = {"is_staff": "on", "is_superuser": "on"}


def test_rights_are_given_by_superusers_alone(
    make_staff: Callable[..., User], boss: Client, student: Person
) -> None:
    group = Group.objects.create(name="Moderators")
    permission = Permission.objects.get(codename="ban_user")
    member = make_staff("Sam", "view_user", "change_user", "change_group", "view_group")
    client = signed_in(member)
    wanted = PROFILE | CROWN | {"groups": [group.pk], "user_permissions": [permission.pk]}
    for user in (student.user, member):
        address = f"/admin/accounts/user/{user.pk}/change/"
        given = {"email": "x@example.com", "role": "teacher", "id": "1", "is_active": ""}
        assert client.post(address, wanted | given).status_code == 302
        changed = User.objects.get(pk=user.pk)
        assert (changed.name, changed.email, changed.role) == ("Renamed", user.email, "student")
        assert changed.is_active and not changed.is_superuser and not changed.groups.exists()
        assert changed.is_staff == user.is_staff
    assert User.objects.get(pk=member.pk).user_permissions.count() == 4
    assert client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "Mine"}).status_code == 403
    assert boss.post(f"/admin/accounts/user/{student.user.pk}/change/", wanted).status_code == 302
    crowned = User.objects.get(pk=student.user.pk)
    assert crowned.is_staff and crowned.is_superuser
    assert list(crowned.groups.all()) == [group] and list(crowned.user_permissions.all()) == [permission]


def test_a_superuser_is_edited_by_superusers_alone(
    make_staff: Callable[..., User], boss: Client, superuser: User
) -> None:
    client = signed_in(make_staff("Sam", "view_user", "change_user"))
    address = f"/admin/accounts/user/{superuser.pk}/change/"
    assert client.post(address, PROFILE).status_code == 403
    assert User.objects.get(pk=superuser.pk).name == "Root"
    assert boss.post(address, PROFILE | CROWN).status_code == 302
    assert User.objects.get(pk=superuser.pk).name == "Renamed"


def test_two_members_of_staff_never_share_an_address(
    boss: Client, make_account: Callable[..., User], superuser: User
) -> None:
    twin = make_account("Twin")
    User.objects.filter(pk=twin.pk).update(email=superuser.email.upper())
    response = boss.post(f"/admin/accounts/user/{twin.pk}/change/", PROFILE | {"is_staff": "on"})
    assert "Another member of staff has this e-mail address." in response.content.decode()


def test_a_tombstone_is_changed_by_nobody(boss: Client, student: Person) -> None:
    student.user.bury(at=timezone.now())
    address = f"/admin/accounts/user/{student.user.pk}/change/"
    assert boss.get(address).status_code == 200
    assert boss.post(address, PROFILE).status_code == 403
    assert User.objects.get(pk=student.user.pk).name == "Deleted user"


def test_a_form_waits_for_a_deletion_and_then_writes_nothing(boss: Client, student: Person) -> None:
    answers: list[int] = []

    def save() -> None:
        address = f"/admin/accounts/user/{student.user.pk}/change/"
        answers.append(boss.post(address, PROFILE).status_code)
        connections.close_all()

    form = threading.Thread(target=save)
    with transaction.atomic():
        User.objects.locked_present(student.user.pk).bury(at=timezone.now())
        form.start()
        form.join(timeout=1.5)
        assert form.is_alive()
    form.join(timeout=20)
    assert answers == [403]
    assert User.objects.get(pk=student.user.pk).name == "Deleted user"
