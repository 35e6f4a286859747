"""Teachers: becoming one, changing the profile, ceasing to be one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.errors import Conflict, NotATeacher, NotFound
from accounts.models import Teacher, User

VERIFIED_FIELDS = ("qualification", "certificates")


@transaction.atomic
def make_teacher(*, user: User, fields: Mapping[str, Any] | None = None) -> tuple[Teacher, bool]:
    """Gives the person a teaching profile and its role; of parallel calls, one makes it.

    Returns it and whether it is new; one that is there stays as it is.
    """
    User.objects.locked_present(user.pk)
    teacher, made = Teacher.objects.get_or_create(user=user, defaults=fields)
    user.set_role(User.Role.TEACHER)
    return teacher, made


def become_teacher(*, user: User, fields: Mapping[str, Any]) -> Teacher:
    """Makes the person a teacher. Raises Conflict for one who is."""
    teacher, made = make_teacher(user=user, fields=fields)
    if not made:
        raise Conflict("You are a teacher already. PATCH teachers/me/ changes it.", code="already_a_teacher")
    return teacher


@transaction.atomic
def update_teacher(*, user: User, fields: Mapping[str, Any]) -> Teacher:
    """Changes these fields of the person's teaching profile, under its lock.

    Raises NotATeacher.
    """
    teacher = Teacher.objects.for_user(user).select_for_update().first()
    if teacher is None:
        raise NotATeacher
    # Staff have checked what stood there, not what comes now.
    checked = {name: fields[name] for name in VERIFIED_FIELDS if name in fields}
    if any(getattr(teacher, name) != value for name, value in checked.items()):
        teacher.is_verified = False
    for name, value in fields.items():
        setattr(teacher, name, value)
    teacher.save(update_fields=[*fields, "is_verified", "updated_at"])
    return teacher


@transaction.atomic
def verify_teacher(*, user_id: UUID, verified: bool) -> None:
    """Notes whether staff have checked the qualification. Raises NotFound for a teacher who left."""
    teacher = Teacher.objects.filter(pk=user_id).select_for_update().first()
    if teacher is None:
        raise NotFound("This teacher has left.")
    teacher.verify(verified=verified)


def remove_teacher(*, user: User) -> None:
    """Removes the teaching profile with its gigs."""
    Teacher.objects.for_user(user).delete()
