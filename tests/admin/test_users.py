"""Users in the admin: the fields and rights that staff may change."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.fixtures.people import Person
from tests.fixtures.staff import act, signed_in
from tests.fixtures.threads import wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)

PROFILE: dict[str, Any] = {"name": "Renamed", "timezone": "UTC"}
SUPERUSER = {"is_staff": "on", "is_superuser": "on"}


def test_users_cannot_be_added_or_deleted(boss: Client, student: Person) -> None:
    address = f"/admin/accounts/user/{student.user.pk}"
    assert "only they can delete their account" in boss.get(f"{address}/change/").content.decode()
    assert boss.get("/admin/accounts/user/add/").status_code == 403
    assert boss.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    act(boss, "user", "delete_selected", student.user, post="yes")
    assert User.objects.filter(pk=student.user.pk).exists()


def test_the_page_of_a_person_shows_the_stored_bytes(boss: Client, student: Person) -> None:
    student.make_card(front="a", back="b", note="")
    page = boss.get(f"/admin/accounts/user/{student.user.pk}/change/").content.decode()
    assert "202 of 200,000,000" in page


def test_only_superusers_change_rights(
    make_staff: Callable[..., User], boss: Client, student: Person
) -> None:
    group = Group.objects.create(name="Moderators")
    permission = Permission.objects.get(codename="ban_user")
    member = make_staff("Sam", "view_user", "change_user", "change_group", "view_group")
    client = signed_in(member)
    wanted = PROFILE | SUPERUSER | {"groups": [group.pk], "user_permissions": [permission.pk]}
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
    promoted = User.objects.get(pk=student.user.pk)
    assert promoted.is_staff and promoted.is_superuser
    assert list(promoted.groups.all()) == [group] and list(promoted.user_permissions.all()) == [permission]


def test_only_superusers_change_a_superuser(
    make_staff: Callable[..., User], boss: Client, superuser: User
) -> None:
    client = signed_in(make_staff("Sam", "view_user", "change_user"))
    address = f"/admin/accounts/user/{superuser.pk}/change/"
    assert client.post(address, PROFILE).status_code == 403
    assert User.objects.get(pk=superuser.pk).name == "Root"
    assert boss.post(address, PROFILE | SUPERUSER).status_code == 302
    assert User.objects.get(pk=superuser.pk).name == "Renamed"


def test_second_member_of_staff_with_an_address_is_refused(
    boss: Client, make_account: Callable[..., User], superuser: User
) -> None:
    twin = make_account("Twin")
    User.objects.filter(pk=twin.pk).update(email=superuser.email.upper())
    response = boss.post(f"/admin/accounts/user/{twin.pk}/change/", PROFILE | {"is_staff": "on"})
    assert "Another member of staff has this e-mail address." in response.content.decode()


def test_deleted_user_cannot_be_changed(boss: Client, student: Person) -> None:
    student.user.anonymise(at=timezone.now())
    address = f"/admin/accounts/user/{student.user.pk}/change/"
    assert boss.get(address).status_code == 200
    assert boss.post(address, PROFILE).status_code == 403
    assert User.objects.get(pk=student.user.pk).name == "Deleted user"


def test_form_waits_for_a_deletion_in_progress_and_changes_nothing(boss: Client, student: Person) -> None:
    answers: list[int] = []

    def save() -> None:
        address = f"/admin/accounts/user/{student.user.pk}/change/"
        answers.append(boss.post(address, PROFILE).status_code)
        connections.close_all()

    form = threading.Thread(target=save)
    with transaction.atomic():
        User.objects.locked_present(student.user.pk).anonymise(at=timezone.now())
        form.start()
        wait_until_blocked(form)
    form.join(timeout=20)
    assert answers == [403]
    assert User.objects.get(pk=student.user.pk).name == "Deleted user"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("timezone", "Mars/Olympus", "Expected an IANA time zone"),
        ("timezone", "", "This field is required."),
        ("date_of_birth", "2999-01-01", "Expected a day in the past, within a lifetime."),
        ("date_of_birth", "1066-10-14", "Expected a day in the past, within a lifetime."),
    ],
)
def test_invalid_profile_is_refused_and_changes_nothing(
    boss: Client, student: Person, field: str, value: str, sentence: str
) -> None:
    response = boss.post(f"/admin/accounts/user/{student.user.pk}/change/", PROFILE | {field: value})
    assert sentence in response.context["adminform"].form.errors[field][0]
    user = User.objects.get(pk=student.user.pk)
    assert (user.name, user.timezone, user.date_of_birth) == ("Ana", "UTC", None)


def test_valid_profile_is_stored(boss: Client, student: Person) -> None:
    profile = PROFILE | {"timezone": "Asia/Tokyo", "date_of_birth": "1990-02-28"}
    response = boss.post(f"/admin/accounts/user/{student.user.pk}/change/", profile)
    assert response.status_code == 302
    user = User.objects.get(pk=student.user.pk)
    assert (user.timezone, str(user.date_of_birth)) == ("Asia/Tokyo", "1990-02-28")


def test_a_person_without_a_name_is_shown_by_the_id_to_staff_who_may_not_view_users(
    make_staff: Callable[..., User], student: Person
) -> None:
    student.save_conversation()
    User.objects.filter(pk=student.user.pk).update(name="")
    analyst = signed_in(make_staff("Ann", "view_voiceconversation"))
    html = analyst.get("/admin/accounts/voiceconversation/").content.decode()
    assert str(student.user.pk) in html and student.user.email not in html
