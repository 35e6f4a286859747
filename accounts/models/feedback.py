"""Feedback that AI writes: the state of its job, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Cast

from accounts.errors import InvalidInput
from accounts.values import exact_json

TEXT_KEYS = ("vocabulary_usage", "confidence_level", "conversation_flow")
TEXT_LIST_KEYS = ("areas_for_improvement", "suggested_next_topics")
LARGEST_FEEDBACK = 32 * 1024  # bytes of JSON
LEAST_DOUBLE = 1e-300  # a JSON number nearer to 0 may be none that a double can hold


def score(name: str) -> models.GeneratedField:
    """``ai_feedback``'s ``name`` as a column that PostgreSQL keeps: a JSON number from 0 to 100, or null.

    It compares JSON with JSON, where no text, truth, list or object lies between two numbers, and
    converts only what a double can hold: no document can make a write fail.
    """
    key = f"ai_feedback__{name}"
    held = Q(**{f"{key}__gte": LEAST_DOUBLE, f"{key}__lte": 100})
    nearly_none = Q(**{f"{key}__gte": 0, f"{key}__lt": LEAST_DOUBLE})
    number = Cast(F(key), models.FloatField())
    return models.GeneratedField(
        expression=Case(When(held, then=number), When(nearly_none, then=Value(0.0)), default=None),
        output_field=models.FloatField(null=True),
        db_persist=True,
    )


class Level(models.TextChoices):
    """The levels of the Common European Framework of Reference for Languages (CEFR)."""

    A1 = "A1", "A1"
    A2 = "A2", "A2"
    B1 = "B1", "B1"
    B2 = "B2", "B2"
    C1 = "C1", "C1"
    C2 = "C2", "C2"


class GeneratedFeedback(models.Model):
    """What a conversation knows of its AI feedback; the caller of each change holds the row's lock.

    While it is queued, ``feedback_attempts`` says how often the AI was asked, and
    ``feedback_due_at`` when the job is to be looked at again.
    """

    class FeedbackStatus(models.TextChoices):
        NONE = "none", "None"
        QUEUED = "queued", "Queued"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    ai_feedback = models.JSONField(decoder=exact_json.Decoder, default=dict, blank=True)
    grammar_score = score("grammar_score")
    pronunciation_score = score("pronunciation_score")
    generated_feedback = models.JSONField(decoder=exact_json.Decoder, null=True, blank=True)
    feedback_status = models.CharField(max_length=10, choices=FeedbackStatus, default=FeedbackStatus.NONE)
    feedback_error = models.TextField(blank=True)
    # The keys of ai_feedback that AI wrote; all others are a client's.
    generated_keys = models.JSONField(null=True, blank=True, editable=False)
    feedback_attempts = models.PositiveSmallIntegerField(db_default=0, editable=False)
    feedback_due_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def queue_feedback(self, *, at: datetime) -> None:
        """Feedback is wanted; the first attempt is due ``at``."""
        self.feedback_status, self.feedback_error = self.FeedbackStatus.QUEUED, ""
        self.feedback_attempts, self.feedback_due_at = 0, at
        self._save("feedback_status", "feedback_error", "feedback_attempts", "feedback_due_at", "updated_at")

    def begin_feedback(self, *, due_at: datetime) -> None:
        """One more attempt; if nothing is heard of it until ``due_at``, it has failed."""
        self.feedback_attempts += 1
        self.postpone_feedback(due_at=due_at)

    def postpone_feedback(self, *, due_at: datetime) -> None:
        """The next attempt is due at ``due_at``."""
        self.feedback_due_at = due_at
        self._save("feedback_attempts", "feedback_due_at")

    def fail_feedback(self, reason: str) -> None:
        """There will be no feedback, for a ``reason`` in words for the learner."""
        self.feedback_status, self.feedback_error = self.FeedbackStatus.FAILED, reason
        self.feedback_due_at = None
        self._save("feedback_status", "feedback_error", "feedback_due_at", "updated_at")

    def receive_feedback(self, feedback: dict[str, Any]) -> None:
        """Stores what AI wrote, whole; ``ai_feedback`` gains the keys that no client has written.

        A key that would make ``ai_feedback`` larger than LARGEST_FEEDBACK stays out of it.
        """
        clients = self.clients_feedback()
        merged = dict(clients)
        for key, value in feedback.items():
            if key not in clients and exact_json.size_of({**merged, key: value}) <= LARGEST_FEEDBACK:
                merged[key] = value
        self.ai_feedback, self.generated_feedback = merged, feedback
        self.generated_keys = [key for key in merged if key not in clients]
        self.feedback_status, self.feedback_due_at = self.FeedbackStatus.DONE, None
        written = ("ai_feedback", "generated_feedback", "generated_keys")
        self._save(*written, "feedback_status", "feedback_due_at", "updated_at")

    def clients_feedback(self) -> dict[str, Any]:
        """``ai_feedback`` without what AI wrote there and no client has changed."""
        written = {key: (self.generated_feedback or {}).get(key) for key in self.generated_keys or []}
        return {
            key: value
            for key, value in self.ai_feedback.items()
            if key not in written or value != written[key]
        }

    def merge_feedback(self, feedback: dict[str, Any]) -> None:
        """Adds a client's ``feedback`` key by key to what is stored; AI's makes room for it.

        Raises InvalidInput when it is above LARGEST_FEEDBACK with what clients have stored.
        """
        for stored in (self.ai_feedback, self.clients_feedback()):
            merged = {**stored, **feedback}
            if exact_json.size_of(merged) <= LARGEST_FEEDBACK:
                self.ai_feedback = merged
                self.generated_keys = [key for key in self.generated_keys or [] if key not in feedback]
                return self._save("ai_feedback", "generated_keys", "updated_at")
        message = f"Feedback may be up to {LARGEST_FEEDBACK:,} bytes, with what is stored."
        raise InvalidInput(f"ai_feedback: {message}", errors={"ai_feedback": [message]})

    def _save(self, *names: str) -> None:
        self.save(update_fields=names)
