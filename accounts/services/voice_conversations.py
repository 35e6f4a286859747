"""Changes of voice conversations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.errors import ClientIdReused
from accounts.models import Card, Share, User, VoiceConversation, VoiceSession
from accounts.services import corrections, idempotency, storage

# The values of absent fields. A retry may state them and is still the same input.
DEFAULTS: dict[str, Any] = {
    "conversation_type": VoiceConversation.Type.PRACTICE,
    "duration_minutes": None,
    "ai_feedback": {},
}


def create_conversation(*, user: User, fields: Mapping[str, Any]) -> tuple[VoiceConversation, bool]:
    """Saves a conversation of the user. Idempotent by ``client_id``.

    Returns the conversation as it is now, and whether it is new. Raises ClientIdReused, StorageFull,
    AccountDeleted.
    """
    return idempotency.create_once(
        model=VoiceConversation,
        rows=lambda: VoiceConversation.objects.for_user(user).with_user(),
        user=user,
        fixed=lambda: {"user": user},
        fields=fields,
        defaults=DEFAULTS,
    )


def create_of_session(
    *, session: VoiceSession, fields: Mapping[str, Any], reported_usage: Mapping[str, Any]
) -> tuple[VoiceConversation, bool]:
    """Saves a session's conversation. The caller has locked the user's row.

    If the client has saved the conversation itself, with the same ``client_id``, that one becomes the
    session's; it gets the session's turns if it has fewer. Returns it, and whether it is new. Raises
    ClientIdReused if it belongs to another session.
    """
    rows = VoiceConversation.objects.for_user(session.user).with_user()
    origin: dict[str, Any] = {"session": session, "reported_usage": reported_usage}
    first = rows.by_client_id(fields.get("client_id"))
    if first is None:
        fixed = {"user": session.user, **origin}
        return idempotency.create_once_locked(
            model=VoiceConversation, first=None, fixed=fixed, fields=fields, defaults=DEFAULTS
        )
    if first.session_id is not None:
        raise ClientIdReused
    messages = first.transcription.get("messages", []) if isinstance(first.transcription, dict) else []
    if len(messages) < len(fields["transcription"]["messages"]):
        origin["transcription"] = fields["transcription"]
    first.change_fields(origin)
    if "transcription" in origin:
        corrections.check_places(conversation=first)
    return first, False


@transaction.atomic
def update_conversation(*, user: User, pk: int, fields: Mapping[str, Any]) -> VoiceConversation:
    """Changes ``fields`` of one of the user's conversations, except ``client_id``.

    Raises NotFound, StorageFull.
    """
    conversation = VoiceConversation.objects.for_user(user).with_user().locked(pk=pk)
    changed = {name: value for name, value in fields.items() if name != "client_id"}
    with storage.limited_change(user):
        conversation.change_fields(changed)
    if "transcription" in changed:
        corrections.check_places(conversation=conversation)
    return conversation


@transaction.atomic
def add_feedback(*, user: User, pk: int, ai_feedback: Mapping[str, Any]) -> VoiceConversation:
    """Merges ``ai_feedback`` key by key into one of the user's conversations.

    Raises NotFound, StorageFull, and InvalidInput if the merged feedback is too large.
    """
    conversation = VoiceConversation.objects.for_user(user).with_user().locked(pk=pk)
    with storage.limited_change(user):
        conversation.merge_feedback(dict(ai_feedback))
    return conversation


@transaction.atomic
def delete_conversation(*, user: User, pk: int, at: datetime, delete_cards: bool = False) -> None:
    """Deletes one of the user's conversations, with its corrections and comments. Raises NotFound.

    Its shares end, and remain without it: the limits count them. ``delete_cards``: also the cards whose
    corrections are all of this conversation. Others remain. The locks are taken first, because rows that
    refer to a deleted row would violate a foreign key.
    """
    conversation = VoiceConversation.objects.for_user(user).only("pk").locked(pk=pk)
    if delete_cards:
        cards = Card.objects.for_user(user).only_from_conversation(pk)
        cards.lock_in_order()
        cards.delete()
    Share.objects.in_conversation(pk).end(at=at)
    conversation.delete()
