"""Voice conversations: saved once, changed under a lock."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import User, VoiceConversation
from accounts.models.voice_conversations import VoiceConversationQuerySet
from accounts.services import idempotency

# What an absent field means: a retry that spells it out is the same input.
DEFAULTS: dict[str, Any] = {
    "conversation_type": VoiceConversation.Type.PRACTICE,
    "duration_minutes": None,
    "ai_feedback": {},
}


def create_conversation(*, user: User, fields: Mapping[str, Any]) -> tuple[VoiceConversation, bool]:
    """Saves a conversation; with a repeated ``client_id``, the first one as it is now.

    Returns it and whether it is new. Raises ClientIdReused when the ``client_id`` came before
    with other content.
    """
    return idempotency.create_once(
        rows=VoiceConversation.objects.for_user(user),
        user=user,
        fixed={"user": user},
        fields=fields,
        defaults=DEFAULTS,
    )


@transaction.atomic
def update_conversation(
    *, conversations: VoiceConversationQuerySet, pk: int, fields: Mapping[str, Any]
) -> VoiceConversation:
    """Changes these fields of one of ``conversations`` and no others, under its lock."""
    conversation = conversations.locked(pk=pk)
    changed = {name: value for name, value in fields.items() if name != "client_id"}
    for name, value in changed.items():
        setattr(conversation, name, value)
    conversation.save(update_fields=[*changed, "updated_at"])
    return conversation


@transaction.atomic
def add_feedback(
    *, conversations: VoiceConversationQuerySet, pk: int, feedback: Mapping[str, Any]
) -> VoiceConversation:
    """Merges ``feedback`` key by key into one of ``conversations``, under its lock."""
    conversation = conversations.locked(pk=pk)
    conversation.merge_feedback(dict(feedback))
    return conversation
