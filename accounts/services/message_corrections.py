"""Corrections of chat messages by the other participant."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.errors import Conflict, InvalidInput, NotAllowed
from accounts.models import Correction, Message, Participant, User
from accounts.services import card_making, idempotency, storage

MAX_CORRECTIONS = 20  # of a message
# The values of absent fields. A retry may state them and is still the same input.
DEFAULTS: dict[str, Any] = {"explanation": "", "client_id": None}


@transaction.atomic
def correct_message(
    *, user: User, chat_id: UUID, seq: int, fields: Mapping[str, Any], at: datetime
) -> tuple[Correction, bool]:
    """Corrects a message of the peer, who gets a card of it. Idempotent by ``client_id``.

    ``fields``: ``corrected``, and optionally ``explanation`` and ``client_id``. Returns the correction and
    whether it is new. A database trigger broadcasts a new one (``private.announce_correction``). The lock
    order is that of ``services/chats.py``. Raises NotFound, NotAllowed (own message, blocked), Conflict
    (message or participant deleted, too many corrections), InvalidInput, ClientIdReused, StorageFull,
    AccountDeleted.
    """
    User.objects.lock_present(user.pk)
    own, peer = Participant.objects.locked_pair(user=user, chat_id=chat_id)
    message = own.chat.messages.locked(seq=seq)
    if message.sender_id == user.pk:
        raise NotAllowed("You cannot correct your own message.", code="own_message")
    written = Correction.objects.of_message(message)
    first = written.by_author(user).by_client_id(fields.get("client_id"))
    if first is None:
        own.check_writable(peer)
        _check_correctable(message, fields["corrected"])
        storage.check_room(user)
    correction, is_new = idempotency.create_once_locked(
        model=Correction,
        first=first,
        fixed=_fixed_columns(message, corrector=user),
        fields=fields,
        defaults=DEFAULTS,
    )
    if is_new:
        card_making.make_cards(learner=message.sender, corrections=[correction], at=at)
    return correction, is_new


def _fixed_columns(message: Message, *, corrector: User) -> dict[str, Any]:
    """The columns of a new correction that are not input."""
    learner = message.sender  # if it is deleted meanwhile, the deletion removes this correction and its card
    return {
        "learner": learner,
        "author": corrector,
        "source": source_of(corrector),
        "language_code": language_of(learner=learner, corrector=corrector),
        "quote": message.content,
        "message": message,
    }


def _check_correctable(message: Message, corrected: str) -> None:
    """Raises Conflict (deleted, too many corrections), or InvalidInput if ``corrected`` changes nothing."""
    if message.deleted_at:
        raise Conflict("This message has been deleted.", code="message_deleted")
    if corrected.strip() == message.content.strip():
        detail = "This equals the message. Write the corrected text."
        raise InvalidInput(detail, errors={"corrected": [detail]})
    if Correction.objects.of_message(message).count() >= MAX_CORRECTIONS:
        detail = f"A message has at most {MAX_CORRECTIONS} corrections."
        raise Conflict(detail, code="too_many_corrections")


def source_of(user: User) -> Correction.Source:
    """The source of a correction that ``user`` writes in a chat."""
    is_teacher = user.role == User.Role.TEACHER
    return Correction.Source.TEACHER if is_teacher else Correction.Source.PEER


def language_of(*, learner: User, corrector: User) -> str:
    """The corrector's native language if the learner learns it, or the only language that the learner learns.

    "" if neither exists.
    """
    learned = [code for code in learner.learning_language_codes if code]
    if corrector.native_language_code in learned:
        return corrector.native_language_code
    return learned[0] if len(learned) == 1 else ""
