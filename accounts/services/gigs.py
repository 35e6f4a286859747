"""Gigs: made once, changed by their owner, suspended by staff; each change under the row's lock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.errors import InvalidInput, NotFound
from accounts.models import Gig, User
from accounts.services import idempotency

# What an absent field means: a retry that spells it out is the same input.
DEFAULTS: dict[str, Any] = {
    "currency": "USD",
    "tags": [],
    "what_is_included": "",
    "status": Gig.Status.ACTIVE,
}

FIRST_STATUSES = (Gig.Status.DRAFT, Gig.Status.ACTIVE)


def create_gig(*, user: User, fields: Mapping[str, Any]) -> tuple[Gig, bool]:
    """Makes a gig of a teacher; with a repeated ``client_id``, the first one as it is now.

    Returns it and whether it is new. Raises ClientIdReused when the ``client_id`` came before
    with other content, InvalidInput for a status that no new gig has.
    """
    if fields.get("status", Gig.Status.ACTIVE) not in FIRST_STATUSES:
        raise _status_refused("A new gig is draft or active.")
    return idempotency.create_once(
        rows=Gig.objects.for_user(user),
        user=user,
        fixed={"teacher_id": user.pk},
        fields=fields,
        defaults=DEFAULTS,
    )


@transaction.atomic
def update_gig(*, gigs: QuerySet[Gig], pk: int, fields: Mapping[str, Any]) -> Gig:
    """Changes these fields of one of ``gigs``.

    Raises InvalidInput for another status than it has: actions alone change that.
    """
    gig = _locked(gigs, pk)
    if fields.get("status", gig.status) != gig.status:
        raise _status_refused("Use activate/ or pause/ to change the status.")
    changed = {name: value for name, value in fields.items() if name not in ("client_id", "status")}
    for name, value in changed.items():
        setattr(gig, name, value)
    gig.save(update_fields=list(changed))
    return gig


@transaction.atomic
def remove_gig(*, gigs: QuerySet[Gig], pk: int) -> None:
    """Removes one of ``gigs``. Raises Conflict when it is suspended: its reason has to stay."""
    gig = _locked(gigs, pk)
    gig.refuse_if_suspended()
    gig.delete()


@transaction.atomic
def offer_gig(*, gigs: QuerySet[Gig], pk: int) -> Gig:
    """Puts one of ``gigs`` on offer. Raises Conflict when it is suspended."""
    gig = _locked(gigs, pk)
    gig.offer()
    return gig


@transaction.atomic
def pause_gig(*, gigs: QuerySet[Gig], pk: int) -> Gig:
    """Takes one of ``gigs`` off the lists. Raises Conflict when it is suspended or a draft."""
    gig = _locked(gigs, pk)
    gig.pause()
    return gig


@transaction.atomic
def suspend_gig(*, pk: int, reason: str, at: datetime) -> Gig:
    """Hides a gig from all but its owner and staff; the owner is shown ``reason``."""
    gig = _locked(Gig.objects.all(), pk)
    gig.suspend(reason=reason, at=at)
    return gig


@transaction.atomic
def lift_suspension(*, pk: int) -> Gig:
    """Gives a suspended gig back the status that it had."""
    gig = _locked(Gig.objects.all(), pk)
    gig.lift_suspension()
    return gig


def _locked(gigs: QuerySet[Gig], pk: int) -> Gig:
    gig = gigs.select_for_update(of=("self",)).filter(pk=pk).first()
    if gig is None:
        raise NotFound
    return gig


def _status_refused(message: str) -> InvalidInput:
    return InvalidInput(f"status: {message}", errors={"status": [message]})
