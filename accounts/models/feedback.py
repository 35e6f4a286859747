"""AI feedback on a conversation: its columns, the states of its job, and its JSON schema."""

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
MAX_FEEDBACK_BYTES = 32 * 1024  # of JSON
MIN_DOUBLE = 1e-300  # a JSON number nearer to 0 may be too small for a double


class Level(models.TextChoices):
    """The levels of the Common European Framework of Reference for Languages (CEFR)."""

    A1 = "A1", "A1"
    A2 = "A2", "A2"
    B1 = "B1", "B1"
    B2 = "B2", "B2"
    C1 = "C1", "C1"
    C2 = "C2", "C2"


def strict_object(properties: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of an object with exactly these properties, as OpenAI's strict mode requires."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


TEXT: dict[str, Any] = {"type": "string"}
SCORE: dict[str, Any] = {"type": ["number", "null"]}
CORRECTION_SCHEMA = strict_object({"quote": TEXT, "corrected": TEXT, "explanation": TEXT})
# The model's answer. ``generated_feedback`` has the same keys and ``pronunciation_note``.
FEEDBACK_SCHEMA = strict_object(
    {
        "grammar_score": SCORE,
        "pronunciation_score": SCORE,
        **dict.fromkeys(TEXT_KEYS, TEXT),
        **{key: {"type": "array", "items": TEXT} for key in TEXT_LIST_KEYS},
        "corrections": {"type": "array", "items": CORRECTION_SCHEMA},
        "cefr_estimate": {"type": "string", "enum": Level.values},
    }
)


def score_column(name: str) -> models.GeneratedField:
    """A column generated from ``ai_feedback[name]``: a number from 0 to 100, or null for other JSON.

    The expression compares JSON with JSON, so that only numbers match, and casts only numbers that
    fit a double. Therefore no JSON value causes a failed write.
    """
    key = f"ai_feedback__{name}"
    fits = Q(**{f"{key}__gte": MIN_DOUBLE, f"{key}__lte": 100})
    too_small = Q(**{f"{key}__gte": 0, f"{key}__lt": MIN_DOUBLE})
    number = Cast(F(key), models.FloatField())
    return models.GeneratedField(
        expression=Case(When(fits, then=number), When(too_small, then=Value(0.0)), default=None),
        output_field=models.FloatField(null=True),
        db_persist=True,
    )


class GeneratedFeedback(models.Model):
    """Columns and state changes of AI feedback. Callers of the changes hold the lock of the row.

    ``feedback_attempts`` counts the requests to the AI since the job was queued. While the job is
    queued, its next run is due at ``feedback_due_at``.
    """

    class FeedbackStatus(models.TextChoices):
        NONE = "none", "None"
        QUEUED = "queued", "Queued"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    ai_feedback = models.JSONField(decoder=exact_json.Decoder, default=dict, blank=True)
    grammar_score = score_column("grammar_score")
    pronunciation_score = score_column("pronunciation_score")
    generated_feedback = models.JSONField(decoder=exact_json.Decoder, null=True, blank=True)
    feedback_status = models.CharField(max_length=10, choices=FeedbackStatus, default=FeedbackStatus.NONE)
    feedback_error = models.TextField(blank=True)
    # The keys of ai_feedback that were copied from generated_feedback. Clients wrote all others.
    generated_keys = models.JSONField(null=True, blank=True, editable=False)
    feedback_attempts = models.PositiveSmallIntegerField(db_default=0, editable=False)
    feedback_due_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def queue_feedback(self, *, at: datetime) -> None:
        """Sets the status to ``queued``, with no attempts and the first run due ``at``."""
        self.feedback_status, self.feedback_error = self.FeedbackStatus.QUEUED, ""
        self.feedback_attempts, self.feedback_due_at = 0, at
        self._save("feedback_status", "feedback_error", "feedback_attempts", "feedback_due_at", "updated_at")

    def start_attempt(self, *, due_at: datetime) -> None:
        """Counts an attempt. The next run is due at ``due_at``, in case the current run never ends."""
        self.feedback_attempts += 1
        self.postpone_attempt(due_at=due_at)

    def postpone_attempt(self, *, due_at: datetime) -> None:
        """Sets the time of the next run."""
        self.feedback_due_at = due_at
        self._save("feedback_attempts", "feedback_due_at")

    def fail_feedback(self, reason: str) -> None:
        """Sets the status to ``failed``. ``reason`` is a sentence for the learner.

        A database trigger broadcasts the status (``private.announce_feedback``).
        """
        self.feedback_status, self.feedback_error = self.FeedbackStatus.FAILED, reason
        self.feedback_due_at = None
        self._save("feedback_status", "feedback_error", "feedback_due_at", "updated_at")

    def store_feedback(self, feedback: dict[str, Any]) -> None:
        """Stores the AI's ``feedback`` as ``generated_feedback`` and sets the status to ``done``.

        Also copies to ``ai_feedback`` the keys that no client has written, except those with which it
        would exceed MAX_FEEDBACK_BYTES.
        A database trigger broadcasts the status (``private.announce_feedback``).
        """
        written = self.client_feedback()
        merged = dict(written)
        for key, value in feedback.items():
            if key not in written and exact_json.size_of({**merged, key: value}) <= MAX_FEEDBACK_BYTES:
                merged[key] = value
        self.ai_feedback, self.generated_feedback = merged, feedback
        self.generated_keys = [key for key in merged if key not in written]
        self.feedback_status, self.feedback_due_at = self.FeedbackStatus.DONE, None
        changed = ("ai_feedback", "generated_feedback", "generated_keys")
        self._save(*changed, "feedback_status", "feedback_due_at", "updated_at")

    def client_feedback(self) -> dict[str, Any]:
        """``ai_feedback`` without the values that were copied from ``generated_feedback``."""
        copied = {key: (self.generated_feedback or {}).get(key) for key in self.generated_keys or []}
        return {
            key: value for key, value in self.ai_feedback.items() if key not in copied or value != copied[key]
        }

    def merge_feedback(self, feedback: dict[str, Any]) -> None:
        """Merges a client's ``feedback`` key by key into ``ai_feedback``.

        If the result exceeds MAX_FEEDBACK_BYTES, the keys copied from the AI's feedback are removed.
        Raises InvalidInput if it is still too large.
        """
        for stored in (self.ai_feedback, self.client_feedback()):
            merged = {**stored, **feedback}
            if exact_json.size_of(merged) <= MAX_FEEDBACK_BYTES:
                self.ai_feedback = merged
                self.generated_keys = [key for key in self.generated_keys or [] if key not in feedback]
                return self._save("ai_feedback", "generated_keys", "updated_at")
        message = f"Feedback may be up to {MAX_FEEDBACK_BYTES:,} bytes, with what is stored."
        raise InvalidInput(f"ai_feedback: {message}", errors={"ai_feedback": [message]})

    def _save(self, *names: str) -> None:
        self.save(update_fields=names)
