"""Flashcards: created, edited, suspended and deleted by the learner."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Card, User
from accounts.services import idempotency, storage
from accounts.values import flashcards

# The values of absent fields. A retry may state them and is still the same input.
DEFAULTS: dict[str, Any] = {"note": ""}


@transaction.atomic
def create_card(*, user: User, fields: Mapping[str, Any], at: datetime) -> tuple[Card, bool]:
    """Creates a card, due ``at``. Idempotent by ``client_id``.

    The next correction with its right form joins the card, unless another card of the user has that form:
    the constraint ``card_once_per_corrected_form`` decides. Returns the card and whether it is new. Raises
    ClientIdReused, StorageFull, AccountDeleted.
    """
    User.objects.lock_present(user.pk)
    rows = Card.objects.for_user(user).with_sources()
    first = rows.by_client_id(fields.get("client_id"))
    if first is None:
        storage.check_room(user)
    key = flashcards.dedupe_key(fields["back"])
    try:
        card, is_new = _create(first, user, fields, at, key)
    except IntegrityError:
        card, is_new = _create(first, user, fields, at, "")
    if is_new:
        card.correction_ids = []
    return card, is_new


@transaction.atomic
def _create(
    first: Card | None, user: User, fields: Mapping[str, Any], at: datetime, key: str
) -> tuple[Any, bool]:
    fixed = {"learner": user, "due_at": at, "created_at": at, "dedupe_key": key}
    return idempotency.create_once_locked(
        model=Card, first=first, fixed=fixed, fields=fields, defaults=DEFAULTS
    )


@transaction.atomic
def edit_card(*, user: User, pk: int, fields: Mapping[str, Any], at: datetime) -> Card:
    """Changes the texts and the language of one of the user's cards; ``client_id`` never changes.

    The key of the right form and the FSRS state stay. The key is removed if another card in the new language
    has it. Raises NotFound, StorageFull.
    """
    card = Card.objects.for_user(user).with_sources().locked(pk=pk)
    changed = {name: value for name, value in fields.items() if name != "client_id"}
    if changed:
        changed["edited_at"] = at
    with storage.limited_change(user):
        _change(card, changed)
    return card


def _change(card: Card, changed: Mapping[str, Any]) -> None:
    if changed.get("language_code", card.language_code) == card.language_code:
        card.change_fields(changed)
        return
    try:
        with transaction.atomic():
            card.change_fields(changed)
    except IntegrityError:
        card.change_fields({**changed, "dedupe_key": ""})


@transaction.atomic
def delete_card(*, user: User, pk: int) -> None:
    """Deletes one of the user's cards and its reviews. Its corrections remain. Raises NotFound.

    The lock comes first: a review that is stored meanwhile would refer to no card.
    """
    Card.objects.for_user(user).locked(pk=pk).delete()


@transaction.atomic
def suspend_card(*, user: User, pk: int, at: datetime) -> Card:
    """Takes one of the user's cards out of the due cards. Raises NotFound."""
    card = Card.objects.for_user(user).with_sources().locked(pk=pk)
    card.suspend(at=at)
    return card


@transaction.atomic
def resume_card(*, user: User, pk: int) -> Card:
    """Puts one of the user's cards back among the due cards. Raises NotFound."""
    card = Card.objects.for_user(user).with_sources().locked(pk=pk)
    card.resume()
    return card
