"""Teachers: becoming one and ceasing to be one."""

from django.db import transaction

from accounts.models import Teacher, User


@transaction.atomic
def make_teacher(*, user: User) -> Teacher:
    """Gives the person a teaching profile and its role; a second time does nothing."""
    User.objects.locked_present(user.pk)
    teacher, _ = Teacher.objects.get_or_create(user=user)
    user.role = User.Role.TEACHER
    user.save(update_fields=["role", "updated_at"])
    return teacher


def remove_teacher(*, user: User) -> None:
    """Removes the teaching profile with its gigs."""
    Teacher.objects.filter(user=user).delete()
