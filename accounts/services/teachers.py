"""Teaching profiles: created and changed by their users, verified by staff, deleted with the account."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.errors import Conflict, NotATeacher, NotFound
from accounts.models import Teacher, User

VERIFIED_FIELDS = ("qualification", "certificates")


@transaction.atomic
def make_teacher(*, user: User, fields: Mapping[str, Any] | None = None) -> tuple[Teacher, bool]:
    """Creates the user's teaching profile with ``fields``, unless it exists, and sets the role.

    Returns the profile and whether it is new. Raises AccountDeleted.
    """
    User.objects.lock_present(user.pk)
    teacher, is_new = Teacher.objects.get_or_create(user=user, defaults=fields)
    if is_new:
        user.set_role(User.Role.TEACHER)
    return teacher, is_new


def become_teacher(*, user: User, fields: Mapping[str, Any]) -> Teacher:
    """Creates the user's teaching profile. Raises Conflict if it exists, AccountDeleted."""
    teacher, is_new = make_teacher(user=user, fields=fields)
    if not is_new:
        raise Conflict("You are a teacher already. PATCH teachers/me/ changes it.", code="already_a_teacher")
    return teacher


@transaction.atomic
def update_teacher(*, user: User, fields: Mapping[str, Any]) -> Teacher:
    """Changes these fields of the user's teaching profile. Raises NotATeacher.

    A change of one of VERIFIED_FIELDS resets ``is_verified``: staff have checked the old value.
    """
    teacher = Teacher.objects.for_user(user).locked(error=NotATeacher)
    changed = dict(fields)
    if any(getattr(teacher, name) != fields[name] for name in VERIFIED_FIELDS if name in fields):
        changed["is_verified"] = False
    teacher.change_fields(changed)
    return teacher


@transaction.atomic
def verify_teacher(*, pk: UUID, verified: bool) -> None:
    """Stores whether staff have checked the teacher's qualification. Raises NotFound."""
    teacher = Teacher.objects.locked(pk=pk, error=NotFound("This user is no longer a teacher."))
    teacher.verify(verified=verified)


def delete_teacher(*, user: User) -> None:
    """Deletes the user's teaching profile and all gigs, including suspended gigs. Idempotent."""
    Teacher.objects.for_user(user).delete()
