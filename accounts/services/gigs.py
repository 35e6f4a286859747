"""Gigs: created and changed by their owner, suspended by staff. Each change locks the row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.errors import Conflict, InvalidInput
from accounts.models import Gig, Teacher, User
from accounts.models.gigs import MAX_GIGS
from accounts.services import admin_log, idempotency, storage

# The values of absent fields. A retry may state them and is still the same input.
DEFAULTS: dict[str, Any] = {
    "currency": "USD",
    "tags": [],
    "what_is_included": "",
    "status": Gig.Status.ACTIVE,
}
INITIAL_STATUSES = (Gig.Status.DRAFT, Gig.Status.ACTIVE)


def create_gig(*, user: User, fields: Mapping[str, Any]) -> tuple[Gig, bool]:
    """Creates a gig of a teacher. Idempotent by ``client_id``.

    Returns the gig and whether it is new. Raises InvalidInput for a status other than
    INITIAL_STATUSES, ClientIdReused, StorageFull, AccountDeleted, Conflict if the teacher has MAX_GIGS.
    """
    if fields.get("status", Gig.Status.ACTIVE) not in INITIAL_STATUSES:
        raise _invalid_status("A new gig is draft or active.")
    return idempotency.create_once(
        model=Gig,
        rows=lambda: Gig.objects.for_user(user).with_teacher(),
        user=user,
        fixed=lambda: {"teacher": _teacher_with_room(user)},
        fields=fields,
        defaults=DEFAULTS,
    )


@transaction.atomic
def update_gig(*, user: User, pk: int, fields: Mapping[str, Any]) -> Gig:
    """Changes these fields of one of the user's gigs; ``client_id`` never changes.

    Raises NotFound, StorageFull, InvalidInput for a status other than the current one: only
    ``activate_gig`` and ``pause_gig`` change the status.
    """
    gig = Gig.objects.for_user(user).with_teacher().locked(pk=pk)
    if fields.get("status", gig.status) != gig.status:
        raise _invalid_status("Use activate/ or pause/ to change the status.")
    changed = {name: value for name, value in fields.items() if name not in ("client_id", "status")}
    with storage.limited_change(user):
        gig.change_fields(changed)
    return gig


@transaction.atomic
def delete_gig(*, user: User, pk: int) -> None:
    """Deletes one of the user's gigs. Raises NotFound, Conflict if it is suspended.

    If the admin's log has entries about the gig, it also records the deletion.
    """
    gig = Gig.objects.for_user(user).locked(pk=pk)
    if admin_log.has_entries(gig=gig):
        admin_log.record_gig_deletion(gig=gig, by=user)
    gig.delete()


@transaction.atomic
def delete_gig_as_staff(*, pk: int) -> None:
    """Deletes a gig of any teacher. Raises NotFound, Conflict if it is suspended."""
    Gig.objects.locked(pk=pk).delete()


@transaction.atomic
def activate_gig(*, user: User, pk: int) -> Gig:
    """Puts one of the user's gigs on offer. Raises NotFound, Conflict if it is suspended."""
    gig = Gig.objects.for_user(user).with_teacher().locked(pk=pk)
    gig.activate()
    return gig


@transaction.atomic
def pause_gig(*, user: User, pk: int) -> Gig:
    """Removes one of the user's gigs from the lists.

    Raises NotFound, Conflict if it is suspended or a draft.
    """
    gig = Gig.objects.for_user(user).with_teacher().locked(pk=pk)
    gig.pause()
    return gig


@transaction.atomic
def suspend_gig(*, pk: int, reason: str, at: datetime) -> Gig:
    """Hides a gig from all users except its owner and staff. The owner can read ``reason``.

    Raises NotFound.
    """
    gig = Gig.objects.locked(pk=pk)
    gig.suspend(reason=reason, at=at)
    return gig


@transaction.atomic
def lift_suspension(*, pk: int) -> Gig:
    """Restores the status that a suspended gig had before. Raises NotFound."""
    gig = Gig.objects.locked(pk=pk)
    gig.lift_suspension()
    return gig


def _teacher_with_room(user: User) -> Teacher:
    """The profile of a teacher. Raises Conflict if it has MAX_GIGS, whatever their status."""
    teacher = Teacher.objects.for_user(user).with_fullness(Gig.objects.all(), MAX_GIGS).get()
    if teacher.is_full:
        raise Conflict(
            f"A teacher has at most {MAX_GIGS} gigs. Delete those that you no longer offer.",
            code="too_many_gigs",
        )
    return teacher


def _invalid_status(message: str) -> InvalidInput:
    return InvalidInput(f"status: {message}", errors={"status": [message]})
