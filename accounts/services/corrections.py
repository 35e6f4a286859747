"""Corrections of conversations: those of the AI, and the places of all of them."""

from datetime import datetime
from typing import Any

from accounts.models import Comment, Correction, VoiceConversation
from accounts.models.comments import CommentQuerySet
from accounts.models.corrections import CorrectionQuerySet
from accounts.services import card_making
from accounts.values import transcripts


def replace_ai_corrections(*, conversation: VoiceConversation, at: datetime) -> None:
    """Stores the corrections of ``generated_feedback`` in place of the AI's earlier ones, and makes cards.

    The caller holds the lock of the conversation. A card of an earlier correction remains, with its state.
    """
    Correction.objects.in_conversation(conversation).by_ai().delete()
    found = (conversation.generated_feedback or {}).get("corrections", [])
    turns = transcripts.turns_of(conversation.transcription, learner_name=conversation.user.name)
    rows = [
        Correction(
            learner=conversation.user,
            source=Correction.Source.AI,
            language_code=conversation.target_language_code,
            conversation=conversation,
            turn=transcripts.place_of(each["quote"], turns),
            **each,
        )
        for each in found
    ]
    card_making.make_cards(learner=conversation.user, corrections=Correction.objects.bulk_create(rows), at=at)


def check_places(*, conversation: VoiceConversation) -> None:
    """Removes the ``turn`` of each correction and comment whose turn no longer contains its quote.

    The caller holds the lock of the conversation and has stored the transcription.
    """
    _remove_lost(Correction.objects.in_conversation(conversation), conversation.transcription)
    if conversation.comments_count:
        _remove_lost(Comment.objects.in_conversation(conversation.pk), conversation.transcription)


def _remove_lost(rows: CorrectionQuerySet | CommentQuerySet, transcription: Any) -> None:
    placed = rows.filter(turn__isnull=False)
    lost = [
        each.pk for each in placed if not transcripts.has_quote(transcription, each.turn or 0, each.quote)
    ]
    placed.filter(pk__in=lost).update(turn=None)
