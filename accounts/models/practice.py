"""Totals of voice conversations, kept by database triggers, and the statistics computed from them.

Triggers on ``accounts_voiceconversation`` (migrations/sql/0030_practice_totals.sql) add each change in its
own transaction. Without these totals, the statistics of 100,000 conversations take 0.3 s.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import F, Sum

from accounts.models.users import User

# The conversations have the foreign key; a second check would slow each new conversation.
DERIVED: dict[str, Any] = {"db_index": False, "db_constraint": False, "related_name": "+"}


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOURS_PER_WEEK = 7 * 24
# 1970-01-01 was a Thursday: the week of the epoch began on Monday, three days before.
HOURS_BEFORE_EPOCH = 3 * 24


def hour_of(instant: datetime) -> int:
    """The hour of an instant, as ``private.hour_of`` computes it."""
    return (instant - EPOCH) // timedelta(hours=1)


def start_of_week(week: int) -> datetime:
    """The Monday, 00:00 UTC, on which the week that ``by_week`` counts begins."""
    return EPOCH + timedelta(hours=week * HOURS_PER_WEEK - HOURS_BEFORE_EPOCH)


class PracticeHourQuerySet(models.QuerySet["PracticeHour"]):
    def since(self, instant: datetime) -> Self:
        """The hours from that of ``instant`` on."""
        return self.filter(hour__gte=hour_of(instant))

    def by_week(self) -> models.QuerySet[Any, dict[str, Any]]:
        """Sums of each week in UTC: ``conversations``, ``minutes``, and the sum and count of each score.

        ``start_of_week(week)`` is its Monday.
        """
        sums = ("grammar_sum", "grammar_count", "pronunciation_sum", "pronunciation_count")
        weeks: Any = self.annotate(week=(F("hour") + HOURS_BEFORE_EPOCH) / HOURS_PER_WEEK).order_by("week")
        found: models.QuerySet[Any, dict[str, Any]] = weeks.values("week").annotate(
            total_conversations=Sum("conversations"),
            total_minutes=Sum("minutes"),
            **{f"total_{name}": Sum(name) for name in sums},
        )
        return found


class Mode(models.Aggregate):
    """The most frequent value of a column."""

    template = "mode() within group (order by %(expressions)s)"


class PracticeKindQuerySet(models.QuerySet["PracticeKind"]):
    def by_language(self) -> models.QuerySet[Any, dict[str, Any]]:
        """The ``total`` of each ``target_language_code`` and its usual ``spelling``, largest first."""
        return self._counted_by("target_language_code", spelling=Mode("target_language"))

    def by_type(self) -> models.QuerySet[Any, dict[str, Any]]:
        """The ``total`` of each ``conversation_type``, largest first."""
        return self._counted_by("conversation_type")

    def _counted_by(self, column: str, **more: Any) -> models.QuerySet[Any, dict[str, Any]]:
        groups: Any = self.values(column)
        counted: models.QuerySet[Any, dict[str, Any]] = groups.annotate(total=Sum("conversations"), **more)
        return counted.order_by("-total", column)


class ExactNumber(models.Field[Any, Any]):
    """A ``numeric`` without a limit of digits."""

    def db_type(self, connection: Any) -> str:
        """The type of the column."""
        return "numeric"


class PracticeHour(models.Model):
    """One user's conversations of one hour.

    ``hour`` is the number of hours since 1970-01-01 00:00 UTC. In most time zones, a day consists of whole
    hours in UTC. ``timed`` is the number of conversations with a duration; the counts of scores are the
    numbers of conversations with the score.
    """

    pk = models.CompositePrimaryKey("user", "hour")
    user = models.ForeignKey(User, on_delete=models.CASCADE, **DERIVED)
    hour = models.IntegerField()
    conversations = models.IntegerField()
    timed = models.IntegerField()
    minutes = models.IntegerField()
    grammar_sum = ExactNumber()
    grammar_count = models.IntegerField()
    pronunciation_sum = ExactNumber()
    pronunciation_count = models.IntegerField()

    objects = PracticeHourQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["hour"], name="practice_by_hour")]

    def __str__(self) -> str:
        return f"{self.user_id} in hour {self.hour}: {self.conversations}"


class PracticeKind(models.Model):
    """The number of one user's conversations of one type in one spelling of a target language."""

    pk = models.CompositePrimaryKey("user", "target_language_code", "target_language", "conversation_type")
    user = models.ForeignKey(User, on_delete=models.CASCADE, **DERIVED)
    target_language_code = models.CharField(max_length=50)
    target_language = models.CharField(max_length=50)
    conversation_type = models.CharField(max_length=20)
    conversations = models.IntegerField()

    objects = PracticeKindQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.user_id} in {self.target_language}: {self.conversations} ({self.conversation_type})"
