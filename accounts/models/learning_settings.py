"""The learner's settings of flashcards."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

MIN_RETENTION, MAX_RETENTION = 0.7, 0.97
DEFAULT_RETENTION = 0.9
MAX_REVIEWS_PER_DAY = 9_999
DEFAULT_REVIEWS_PER_DAY = 100

LEARNING_CONSTRAINTS = (
    models.CheckConstraint(
        condition=Q(desired_retention__gte=MIN_RETENTION, desired_retention__lte=MAX_RETENTION),
        name="user_retention_in_range",
        violation_error_message="The desired retention is 0.7 to 0.97.",
    ),
    models.CheckConstraint(
        condition=Q(reviews_per_day__gte=1, reviews_per_day__lte=MAX_REVIEWS_PER_DAY),
        name="user_reviews_per_day_in_range",
        violation_error_message="A day has 1 to 9999 reviews.",
    ),
)


class LearningSettings(models.Model):
    """Columns of a user.

    ``auto_cards``: whether corrections become cards. ``desired_retention``: the probability of a right answer
    at which FSRS schedules a review. ``reviews_per_day``: the learner's aim; nothing is withheld beyond it.
    """

    auto_cards = models.BooleanField(default=True, db_default=True)
    desired_retention = models.FloatField(
        default=DEFAULT_RETENTION,
        db_default=DEFAULT_RETENTION,
        validators=[MinValueValidator(MIN_RETENTION), MaxValueValidator(MAX_RETENTION)],
    )
    reviews_per_day = models.PositiveSmallIntegerField(
        default=DEFAULT_REVIEWS_PER_DAY,
        db_default=DEFAULT_REVIEWS_PER_DAY,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_REVIEWS_PER_DAY)],
    )

    class Meta:
        abstract = True
