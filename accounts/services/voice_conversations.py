"""Voice conversations: saved once, changed under a lock."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.errors import ClientIdReused, NotFound
from accounts.models import User, VoiceConversation

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
    digest = digest_of({**DEFAULTS, **fields})
    try:
        with transaction.atomic():
            made = VoiceConversation.objects.create(user=user, creation_digest=digest, **fields)
            return made, True
    except IntegrityError:
        first = VoiceConversation.objects.for_user(user).by_client_id(fields.get("client_id"))
        if first is None:
            raise
    if first.creation_digest != digest:
        raise ClientIdReused
    return first, False


def digest_of(fields: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of validated creation input."""
    canonical = json.dumps(fields, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@transaction.atomic
def update_conversation(
    *, conversations: QuerySet[VoiceConversation], pk: int, fields: Mapping[str, Any]
) -> VoiceConversation:
    """Changes these fields of one of ``conversations`` and no others, under its lock."""
    conversation = _locked(conversations, pk)
    changed = {name: value for name, value in fields.items() if name != "client_id"}
    for name, value in changed.items():
        setattr(conversation, name, value)
    conversation.save(update_fields=[*changed, "updated_at"])
    return conversation


@transaction.atomic
def add_feedback(
    *, conversations: QuerySet[VoiceConversation], pk: int, feedback: Mapping[str, Any]
) -> VoiceConversation:
    """Merges ``feedback`` key by key into one of ``conversations``, under its lock."""
    conversation = _locked(conversations, pk)
    conversation.merge_feedback(dict(feedback))
    return conversation


def _locked(conversations: QuerySet[VoiceConversation], pk: int) -> VoiceConversation:
    conversation = conversations.select_for_update(of=("self",)).filter(pk=pk).first()
    if conversation is None:
        raise NotFound
    return conversation
