"""Corrections, cards, comments and shares in the export of a user's data."""

from collections.abc import Iterator
from typing import Any

from rest_framework import serializers

from accounts.models import Card, CardReview, Comment, Correction, DeclinedLearner, Share, User
from accounts.rest.pagination import parts_of
from accounts.serializers.cards import ShownStateField
from accounts.serializers.fields import ModelSerializer, TextField

# Rows of one statement: of up to 0.1 MB, of a few KB, and of cards with up to 1,000 reviews each.
FEW, MANY, WITH_REVIEWS = 200, 1_000, 50
PLACE = ["conversation", "turn", "chat", "message_seq"]


class ExportedCorrectionSerializer(ModelSerializer[Correction]):
    """A correction of a text of the user. ``turn`` belongs to a conversation, ``message_seq`` to a chat."""

    chat = serializers.UUIDField(source="message.chat_id", default=None, allow_null=True)
    message_seq = serializers.IntegerField(source="message.seq", default=None, allow_null=True)
    outdated = serializers.BooleanField(source="is_outdated")

    class Meta:
        model = Correction
        fields = [
            *("id", "source", "author", "language_code", "quote", "corrected", "explanation"),
            *(*PLACE, "outdated", "created_at"),
        ]


class WrittenCorrectionSerializer(ExportedCorrectionSerializer):
    """A correction that the user wrote, without the text of the other person."""

    class Meta(ExportedCorrectionSerializer.Meta):
        fields = ["id", "language_code", "corrected", "explanation", *PLACE, "client_id", "created_at"]


class ExportedReviewSerializer(ModelSerializer[CardReview]):
    """A review of a card."""

    rating = TextField(source="get_rating_display")

    class Meta:
        model = CardReview
        fields = ["rating", "reviewed_at", "seconds", "desired_retention", "client_id", "created_at"]


class ExportedCardSerializer(ModelSerializer[Card]):
    """A card with its reviews, in the order of replay."""

    sources = serializers.ListField(source="correction_ids", child=serializers.IntegerField())
    state = ShownStateField(source="shown_state")
    reviews = ExportedReviewSerializer(many=True)

    class Meta:
        model = Card
        fields = [
            *("id", "front", "back", "note", "language_code", "sources", "state", "due_at", "step"),
            *("stability", "difficulty", "last_reviewed_at", "suspended_at", "edited_at", "client_id"),
            *("created_at", "updated_at", "reviews"),
        ]


class ExportedCommentSerializer(ModelSerializer[Comment]):
    """A comment on a conversation."""

    class Meta:
        model = Comment
        fields = [
            *("id", "conversation", "author", "turn", "quote", "corrected", "text"),
            *("created_at", "edited_at"),
        ]


class WrittenCommentSerializer(ExportedCommentSerializer):
    """A comment that the user wrote, without the words of the learner: the share may have ended."""

    class Meta(ExportedCommentSerializer.Meta):
        fields = ["id", "conversation", "turn", "corrected", "text", "client_id", "created_at", "edited_at"]


class GivenShareSerializer(ModelSerializer[Share]):
    """A share of one of the user's conversations."""

    class Meta:
        model = Share
        fields = ["conversation", "teacher", "created_at", "ended_at"]


class ReceivedShareSerializer(ModelSerializer[Share]):
    """A share of a learner's conversation with the user."""

    class Meta:
        model = Share
        fields = ["conversation", "learner", "created_at", "ended_at"]


class ExportedDeclinedLearnerSerializer(ModelSerializer[DeclinedLearner]):
    """A learner whom the user has declined."""

    class Meta:
        model = DeclinedLearner
        fields = ["learner", "created_at"]


class ExportedLearningSerializer(serializers.Serializer[Any]):
    """The parts of ``learning_of``."""

    corrections = ExportedCorrectionSerializer(many=True)
    written_corrections = WrittenCorrectionSerializer(many=True)
    cards = ExportedCardSerializer(many=True)
    comments = ExportedCommentSerializer(many=True)
    written_comments = WrittenCommentSerializer(many=True)
    shares = GivenShareSerializer(many=True)
    received_shares = ReceivedShareSerializer(many=True)
    declined_learners = ExportedDeclinedLearnerSerializer(many=True)


def learning_of(user: User) -> dict[str, Iterator[list[Any]]]:
    """Corrections, cards, comments, shares and declined learners, in parts."""
    corrections = Correction.objects.select_related("message").oldest_first()
    comments = Comment.objects.oldest_first()
    cards = Card.objects.for_user(user).with_sources().with_reviews().order_by("pk").defer("search_text")
    shares = Share.objects.newest_first()
    declined = DeclinedLearner.objects.for_user(user).newest_first()
    return {
        "corrections": written(ExportedCorrectionSerializer, corrections.for_user(user), FEW),
        "written_corrections": written(WrittenCorrectionSerializer, corrections.by_author(user), FEW),
        "cards": written(ExportedCardSerializer, cards, WITH_REVIEWS),
        "comments": written(ExportedCommentSerializer, comments.for_user(user), FEW),
        "written_comments": written(WrittenCommentSerializer, comments.by_author(user), FEW),
        "shares": written(GivenShareSerializer, shares.for_user(user), MANY),
        "received_shares": written(ReceivedShareSerializer, shares.given_to(user), MANY),
        "declined_learners": written(ExportedDeclinedLearnerSerializer, declined, MANY),
    }


def written(serializer: type[ModelSerializer[Any]], rows: Any, count: int) -> Iterator[list[Any]]:
    """All rows as JSON values, ``count`` at a time."""
    write = serializer().to_representation
    return ([write(row) for row in part] for part in parts_of(rows, count))
