"""The log of the reviews of flashcards."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models.learning_settings import MAX_RETENTION, MIN_RETENTION
from accounts.models.querysets import LockableQuerySet
from accounts.models.users import User

MAX_REVIEWS = 1_000  # of a card: a late review replays all of them


class CardReviewQuerySet(LockableQuerySet["CardReview"]):
    def of_card(self, pk: int) -> Self:
        """The reviews of one card."""
        return self.filter(card=pk)

    def by_client_id(self, client_id: uuid.UUID) -> CardReview | None:
        """The review with this ``client_id``, of the reviews of one card; None if there is none."""
        return self.filter(client_id=client_id).first()

    def after(self, review: CardReview) -> Self:
        """The reviews that follow ``review`` in the order of replay."""
        same_instant = Q(reviewed_at=review.reviewed_at, client_id__gt=review.client_id)
        return self.filter(Q(reviewed_at__gt=review.reviewed_at) | same_instant)

    def for_user(self, user: User) -> Self:
        """The reviews of the user's own cards."""
        return self.filter(learner=user)

    def since(self, instant: datetime) -> Self:
        """Reviews at ``instant`` or later."""
        return self.filter(reviewed_at__gte=instant)

    def in_order(self) -> Self:
        """The order of replay: ``reviewed_at``, then ``client_id``."""
        return self.order_by("reviewed_at", "client_id")


class CardReview(models.Model):
    """One review. The state of the card follows from all its reviews, in the order of ``in_order``.

    ``desired_retention`` is the learner's setting at the time of arrival, with which the review is replayed.
    ``seconds`` is the time that the learner took.
    """

    class Rating(models.IntegerChoices):
        """The ratings of the package ``fsrs``."""

        AGAIN = 1, "again"
        HARD = 2, "hard"
        GOOD = 3, "good"
        EASY = 4, "easy"

    card = models.ForeignKey("Card", on_delete=models.CASCADE, related_name="reviews", db_index=False)
    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="card_reviews", db_index=False)
    client_id = models.UUIDField(default=uuid.uuid4, editable=False)
    rating = models.PositiveSmallIntegerField(choices=Rating)
    reviewed_at = models.DateTimeField()
    seconds = models.FloatField(null=True, blank=True)
    desired_retention = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CardReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["card", "client_id"], name="card_review_once_per_client_id"),
            models.CheckConstraint(
                condition=Q(rating__gte=1, rating__lte=4), name="card_review_rating_is_known"
            ),
            models.CheckConstraint(
                condition=Q(desired_retention__gte=MIN_RETENTION, desired_retention__lte=MAX_RETENTION),
                name="card_review_retention_in_range",
            ),
        ]
        indexes = [
            models.Index(fields=["card", "reviewed_at", "client_id"], name="card_review_in_order"),
            models.Index(
                fields=["learner", "reviewed_at"], include=["rating"], name="card_review_of_learner"
            ),
        ]

    def __str__(self) -> str:
        return f"Review {self.pk} of card {self.card_id}"
