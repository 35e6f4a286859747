"""Voice conversations: records of speech-to-speech conversations with OpenAI."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models.bans import not_banned
from accounts.models.derived import DerivedColumnsModel
from accounts.models.feedback import GeneratedFeedback
from accounts.models.idempotent import IdempotentModel, IdempotentQuerySet, once_per_client_id
from accounts.models.querysets import one_of
from accounts.models.users import User
from accounts.models.voice_sessions import VoiceSession
from accounts.values import exact_json, languages, search_text, transcripts

MAX_MINUTES = 24 * 60
SCORES = ("grammar_score", "pronunciation_score")
MAX_LEVEL_ROWS = 100  # the newest conversations; feedback on older ones is out of date


class Interval(models.TextChoices):
    """The length of a period of the progress report. A week begins on Monday (ISO 8601)."""

    DAY = "day", "Day"
    WEEK = "week", "Week"
    MONTH = "month", "Month"


class VoiceConversationQuerySet(IdempotentQuerySet["VoiceConversation"]):
    far_rows = 1_000

    def for_user(self, user: User) -> Self:
        """The user's own conversations; the only way from the API to a row."""
        return self.filter(user=user)

    def touched_by(self, user: User) -> Self:
        """The user's own conversations, and others with a comment by the user or a share to the user."""
        paths = ("user", "comments__author", "shares__teacher")
        # Each part of the union uses an index; an OR over joined tables would use none.
        parts = [VoiceConversation.objects.filter(**{path: user}).values("pk") for path in paths]
        return self.filter(pk__in=parts[0].union(*parts[1:]))

    def with_user(self) -> Self:
        """Loads each conversation's user in the same query."""
        return self.select_related("user")

    def newest_first(self) -> Self:
        """Orders by ``created_at``, then by ``id``, both descending."""
        return self.order_by("-created_at", "-id")

    def with_sort_minutes(self) -> Self:
        """Adds two orders by duration: ``shortest`` ascending, and ``longest`` descending.

        Conversations of unknown duration are the last ones of both. As columns without nulls, they suit
        the cursors of pages.
        """
        return self.alias(
            shortest=Coalesce("duration_minutes", MAX_MINUTES + 1, output_field=models.IntegerField()),
            longest=Coalesce("duration_minutes", -1, output_field=models.IntegerField()),
        )

    def in_language(self, *names: str) -> Self:
        """Conversations whose target language is one of ``names``, in any spelling."""
        return self.filter(one_of("target_language_code", map(languages.code_of, names)))

    def of_native_language(self, *names: str) -> Self:
        """Conversations whose native language is one of ``names``, in any spelling."""
        return self.filter(one_of("native_language_code", map(languages.code_of, names)))

    def of_type(self, *types: str) -> Self:
        """Conversations of one of these types."""
        return self.filter(one_of("conversation_type", types))

    def since(self, instant: datetime) -> Self:
        """Conversations created at ``instant`` or later."""
        return self.filter(created_at__gte=instant)

    def before(self, instant: datetime) -> Self:
        """Conversations created earlier than ``instant``."""
        return self.filter(created_at__lt=instant)

    def until(self, instant: datetime) -> Self:
        """Conversations created at ``instant`` or earlier."""
        return self.filter(created_at__lte=instant)

    def lasting_at_least(self, minutes: int) -> Self:
        """Conversations of ``minutes`` or more, without those of unknown duration."""
        return self.filter(duration_minutes__gte=minutes)

    def has_feedback(self, value: bool) -> Self:
        """Conversations with feedback of a client or of the AI, or, if ``value`` is false, without any."""
        none = Q(ai_feedback={}, generated_feedback__isnull=True)
        return self.exclude(none) if value else self.filter(none)

    def queued(self) -> Self:
        """Conversations with a queued feedback job, of users who are neither deleted nor banned."""
        return self.filter(not_banned("user__"), feedback_status="queued", user__deleted_at=None)

    def failed(self) -> Self:
        """Conversations whose last feedback job has failed."""
        return self.filter(feedback_status="failed")

    def latest_feedback(self, count: int) -> QuerySet[VoiceConversation, dict[str, Any]]:
        """``ai_feedback`` of the newest ``count`` conversations, newest first."""
        return self.newest_first().values_list("ai_feedback", flat=True)[:count]

    def latest_level(self, levels: Collection[str]) -> str | None:
        """The newest ``cefr_estimate`` that is one of ``levels``, or None.

        Reads the generated feedback of the newest MAX_LEVEL_ROWS conversations.
        """
        latest = self.newest_first().values_list("generated_feedback__cefr_estimate", flat=True)
        return next((level for level in latest[:MAX_LEVEL_ROWS] if level in levels), None)

    def mentioning(self, text: str) -> Self:
        """Conversations with every word of ``text`` in the topic or the transcription.

        Ignores case, accents, hyphens and typographic differences.
        """
        return self.searched(*(Q(search_text__contains=word) for word in search_text.words_of(text)))


class VoiceConversation(GeneratedFeedback, DerivedColumnsModel, IdempotentModel):
    """One conversation of one learner.

    ``transcription`` is a JSON string or object, returned to clients as it was sent. The language
    fields have the client's spelling; the ``_code`` fields have the language codes.
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
    # The session that it was saved from, and the audio and tokens that the browser's events reported.
    session = models.OneToOneField(
        VoiceSession, on_delete=models.SET_NULL, null=True, blank=True, related_name="conversation"
    )
    reported_usage = models.JSONField(null=True, blank=True)
    comments_count = models.PositiveIntegerField(db_default=0, default=0, editable=False)
    search_text = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = VoiceConversationQuerySet.as_manager()

    derived_columns = {
        "search_text": ("topic", "transcription"),
        "native_language_code": ("native_language",),
        "target_language_code": ("target_language",),
    }

    class Meta:
        constraints = [
            once_per_client_id("user", name="conversation_once_per_client_id"),
            models.CheckConstraint(
                condition=Q(duration_minutes=None)
                | Q(duration_minutes__gte=0, duration_minutes__lte=MAX_MINUTES),
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
            # Has every column of the statistics except the feedback (histories.py).
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
            models.Index(
                fields=["-created_at", "-id"],
                condition=Q(feedback_status="failed"),
                name="conversation_without_feedback",
            ),
            # Trigrams find substrings in every script. A text-search vector has 你好世界今天 as one word.
            GinIndex(
                fields=["user", "search_text"],
                name="conversation_search",
                opclasses=["uuid_ops", "gin_trgm_ops"],
            ),
        ]

    def __str__(self) -> str:
        return f"Conversation {self.pk}"  # the topic is private, and the admin shows this text

    def count_comment(self, change: int) -> None:
        """Adds ``change`` to ``comments_count``. The caller holds the lock of the row."""
        self.comments_count += change
        self.save(update_fields=["comments_count"])

    def derive(self) -> None:
        """Computes the language codes and the search text."""
        self.native_language_code = languages.code_of(self.native_language)
        self.target_language_code = languages.code_of(self.target_language)
        spoken = transcripts.searched_text(self.transcription)
        self.search_text = search_text.searchable([self.topic, spoken])
