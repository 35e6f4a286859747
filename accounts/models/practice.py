"""Totals of voice conversations, kept by database triggers, and the statistics computed from them.

Triggers on ``accounts_voiceconversation`` (migrations/sql/0030_practice_totals.sql) add each change in its
own transaction. Without these totals, the statistics of 100,000 conversations take 0.3 s.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.models.users import User

# The conversations have the foreign key; a second check would slow each new conversation.
DERIVED: dict[str, Any] = {"db_index": False, "db_constraint": False, "related_name": "+"}


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

    def __str__(self) -> str:
        return f"{self.user_id} in {self.target_language}: {self.conversations} ({self.conversation_type})"
