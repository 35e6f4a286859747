"""What staff change of people, and what each of them may not."""

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
CROWN = {"is_staff": "on", "is_superuser": "on"}


def test_people_are_neither_added_nor_deleted_here(boss: Client, student: Person) -> None:
    address = f"/admin/accounts/user/{student.user.pk}"
    assert "people delete their account themselves" in boss.get(f"{address}/change/").content.decode()
    assert boss.get("/admin/accounts/user/add/").status_code == 403
    assert boss.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    act(boss, "user", "delete_selected", student.user, post="yes")
    assert User.objects.filter(pk=student.user.pk).exists()


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
        wait_until_blocked(form)
    form.join(timeout=20)
    assert answers == [403]
    assert User.objects.get(pk=student.user.pk).name == "Deleted user"
