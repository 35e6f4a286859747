"""Corrections of conversations: those of the AI, and the places of all of them."""

from collections.abc import Sequence
from datetime import datetime

from accounts.models import Comment, Correction, VoiceConversation
from accounts.models.comments import CommentQuerySet
from accounts.models.corrections import CorrectionQuerySet
from accounts.services import card_making
from accounts.values import transcripts

# A quote may take 0.1 microseconds for each character in which it is searched, with the conversation locked.
MAX_SEARCHED_CHARACTERS = 20_000_000


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

    If these turns have more than MAX_SEARCHED_CHARACTERS together, the last corrections and comments lose
    theirs. The caller holds the lock of the conversation and has stored the transcription.
    """
    texts = transcripts.texts_of(conversation.transcription)
    _remove_lost(Correction.objects.in_conversation(conversation), texts)
    if conversation.comments_count:
        _remove_lost(Comment.objects.in_conversation(conversation.pk), texts)


def _remove_lost(rows: CorrectionQuerySet | CommentQuerySet, texts: Sequence[str]) -> None:
    placed = rows.filter(turn__isnull=False)
    lost, left = [], MAX_SEARCHED_CHARACTERS
    for each in placed.order_by("pk"):
        turn = each.turn or 0
        left -= len(texts[turn]) if turn < len(texts) else 0
        if left < 0 or not transcripts.has_quote(texts, turn, each.quote):
            lost.append(each.pk)
    placed.filter(pk__in=lost).update(turn=None)
