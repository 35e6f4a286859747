"""Serializers of flashcards, their reviews and their summary."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Card, CardReview
from accounts.models.cards import SUSPENDED
from accounts.serializers.fields import (
    LanguageCodeField,
    ModelSerializer,
    NumberField,
    TextField,
    UUIDTextField,
)

MAX_TEXT, MAX_NOTE = 10_000, 2_000
MAX_SECONDS = 86_400
SHOWN_STATES = [*Card.State.values, SUSPENDED]
RATINGS = {str(label): value for value, label in CardReview.Rating.choices}


@extend_schema_field({"type": "string", "enum": SHOWN_STATES})
class ShownStateField(serializers.ReadOnlyField):
    """The state of the FSRS scheduler, or ``suspended``."""


class CardSerializer(ModelSerializer[Card]):
    """A flashcard. Reviews change its `state`, `due_at`, `stability` (days) and `difficulty` (1 to 10)."""

    front = TextField(max_length=MAX_TEXT)
    back = TextField(max_length=MAX_TEXT)
    note = TextField(max_length=MAX_NOTE, required=False, allow_blank=True)
    language = LanguageCodeField(
        source="language_code", write_only=True, help_text="A name in any language, or a tag."
    )
    sources = serializers.ListField(
        source="correction_ids",
        child=serializers.IntegerField(),
        read_only=True,
        help_text="The ids of the corrections that the card was made from.",
    )
    state = ShownStateField(source="shown_state")
    client_id = UUIDTextField(required=False, allow_null=True)

    class Meta:
        model = Card
        fields = [
            "id",
            "front",
            "back",
            "note",
            "language",
            "language_code",
            "sources",
            "state",
            "due_at",
            "stability",
            "difficulty",
            "last_reviewed_at",
            "client_id",
            "created_at",
            "updated_at",
        ]
        read_only_fields = [
            "language_code",
            "due_at",
            "stability",
            "difficulty",
            "last_reviewed_at",
            "created_at",
            "updated_at",
        ]
        validators: list[Any] = []  # a repeated client_id is a retry, not an error


class ReviewSerializer(serializers.Serializer[Any]):
    """A review. ``seconds`` is the time that the learner took."""

    rating = serializers.ChoiceField(
        choices=list(RATINGS),
        error_messages={"invalid_choice": f"Expected one of {', '.join(RATINGS)}."},
    )
    client_id = UUIDTextField()
    reviewed_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Default: now.")
    seconds = NumberField(min_value=0, max_value=MAX_SECONDS, required=False, allow_null=True)

    def validate_rating(self, value: str) -> int:
        """The rating as it is stored."""
        return RATINGS[value]


class DueLanguageSerializer(serializers.Serializer[Any]):
    """The cards in one language."""

    language_code = TextField(help_text="Empty if the language is unknown.")
    due_now = serializers.IntegerField()
    cards = serializers.IntegerField(help_text="All cards, suspended ones too.")


class DueDaySerializer(serializers.Serializer[Any]):
    """The cards that become due on one day."""

    day = serializers.DateField()
    due = serializers.IntegerField(help_text="On the first day, with the overdue cards.")


class CardSummarySerializer(serializers.Serializer[Any]):
    """Due cards and reviews. Days are those of the learner's time zone."""

    due_now = serializers.IntegerField()
    by_language = DueLanguageSerializer(many=True, help_text="At most 200, those with the most cards first.")
    forecast = DueDaySerializer(many=True, help_text="14 days, the first one is today.")
    reviews_today = serializers.IntegerField()
    reviews_last_30_days = serializers.IntegerField()
    retention_last_30_days = serializers.FloatField(
        allow_null=True, help_text="The share of reviews not rated `again`; null without reviews."
    )
    streak = serializers.IntegerField(help_text="Consecutive days with a review, up to today or yesterday.")
    reviews_per_day = serializers.IntegerField()
