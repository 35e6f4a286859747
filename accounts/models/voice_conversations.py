"""The record of OpenAI speech-to-speech conversations: what was said, how long, how well."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from accounts.models.feedback import GeneratedFeedback
from accounts.models.users import User
from accounts.models.voice_conversation_querysets import VoiceConversationQuerySet
from accounts.values import exact_json, languages, transcripts

__all__ = ["VoiceConversation", "VoiceConversationQuerySet"]

# Of a very long conversation, search knows the beginning.
SEARCHED_CHARACTERS = 100_000
LONGEST_MINUTES = 24 * 60
DERIVED_FROM = {"topic", "transcription", "native_language", "target_language"}
DERIVED_FIELDS = {"search_text", "native_language_code", "target_language_code"}


class VoiceConversation(GeneratedFeedback):
    """One conversation of one learner.

    ``transcription`` is JSON, a string or an object, and comes back equal. The languages are kept
    as written; their codes and ``search_text`` are derived at every save.
    """

    class Type(models.TextChoices):
        PRACTICE = "practice", "Language Practice"
        LESSON = "lesson", "Language Lesson"
        CONVERSATION = "conversation", "Free Conversation"
        ASSESSMENT = "assessment", "Language Assessment"
        PRONUNCIATION = "pronunciation", "Pronunciation Practice"
        VOCABULARY = "vocabulary", "Vocabulary Building"
        GRAMMAR = "grammar", "Grammar Practice"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="voice_conversations")
    topic = models.CharField(max_length=200)
    transcription = models.JSONField(decoder=exact_json.Decoder)
    native_language = models.CharField(max_length=50)
    native_language_code = models.CharField(max_length=50, editable=False)
    target_language = models.CharField(max_length=50)
    target_language_code = models.CharField(max_length=50, editable=False)
    conversation_type = models.CharField(max_length=20, choices=Type, default=Type.PRACTICE)
    duration_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    client_id = models.UUIDField(null=True, blank=True, editable=False)
    creation_digest = models.CharField(max_length=64, blank=True, editable=False)
    search_text = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = VoiceConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "client_id"],
                name="conversation_once_per_client_id",
                violation_error_message="This client_id was already used.",
            ),
            models.CheckConstraint(
                condition=Q(duration_minutes=None)
                | Q(duration_minutes__gte=0, duration_minutes__lte=LONGEST_MINUTES),
                name="conversation_fits_a_day",
                violation_error_message="A conversation lasts 0 to 1440 minutes.",
            ),
            models.CheckConstraint(
                condition=Q(
                    conversation_type__in=[
                        "practice",
                        "lesson",
                        "conversation",
                        "assessment",
                        "pronunciation",
                        "vocabulary",
                        "grammar",
                    ]
                ),
                name="conversation_type_is_known",
            ),
            models.CheckConstraint(
                condition=Q(feedback_status__in=["none", "queued", "done", "failed"]),
                name="conversation_feedback_status_is_known",
            ),
            models.CheckConstraint(condition=~Q(topic=""), name="conversation_has_a_topic"),
        ]
        indexes = [
            # Holds all that progress reads: it sums up a learner without touching the rows.
            models.Index(
                fields=["user", "-created_at", "-id"],
                include=[
                    "duration_minutes",
                    "conversation_type",
                    "target_language",
                    "target_language_code",
                    "grammar_score",
                    "pronunciation_score",
                ],
                name="conversation_of_user",
            ),
            models.Index(
                fields=["user", "target_language_code", "-created_at", "-id"],
                name="conversation_by_language",
            ),
            models.Index(
                fields=["user", "conversation_type", "-created_at", "-id"],
                name="conversation_by_type",
            ),
            # Substrings of every script: a text-search vector takes 你好世界今天 for one word.
            GinIndex(
                fields=["user", "search_text"],
                name="conversation_search",
                opclasses=["uuid_ops", "gin_trgm_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.topic

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Stores the row with what is derived from it."""
        fields = kwargs.get("update_fields")
        if fields is None or not DERIVED_FROM.isdisjoint(fields):
            self.derive()
            kwargs["update_fields"] = fields and {*fields, *DERIVED_FIELDS}
        super().save(*args, **kwargs)

    def derive(self) -> None:
        """Sets language codes and search text from the fields they follow."""
        self.native_language_code = languages.code_of(self.native_language)
        self.target_language_code = languages.code_of(self.target_language)
        said = "\n".join(transcripts.spoken_texts(self.transcription))[:SEARCHED_CHARACTERS]
        self.search_text = languages.folded(f"{self.topic}\n{said}")
