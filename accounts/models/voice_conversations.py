"""The record of OpenAI speech-to-speech conversations: what was said, how long, how well."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, F, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber

from accounts import languages, stored_json
from accounts.errors import InvalidInput
from accounts.models.users import User

LARGEST_FEEDBACK = 32 * 1024  # bytes of JSON
# Of a very long conversation, search knows the beginning.
SEARCHED_CHARACTERS = 100_000
LONGEST_MINUTES = 24 * 60
SCORES = ("grammar_score", "pronunciation_score")
# Advice of long ago has been taken or forgotten.
LATEST_FEEDBACK = 100
COLUMN_OF_KEY = {"conversation_type_display": "conversation_type"}
DERIVED_FROM = {"topic", "transcription", "native_language", "target_language"}
DERIVED_FIELDS = {"search_text", "native_language_code", "target_language_code"}


class Facts(NamedTuple):
    """One conversation as progress sees it."""

    created_at: datetime
    duration_minutes: int | None
    conversation_type: str
    target_language: str
    target_language_code: str
    grammar_score: Any
    pronunciation_score: Any
    latest_feedback: dict[str, Any] | None


class VoiceConversationQuerySet(models.QuerySet["VoiceConversation"]):
    def for_user(self, user: User) -> Self:
        """The caller's own conversations: the only door to them from the API."""
        return self.filter(user=user)

    def with_user(self) -> Self:
        """Loads each conversation's person in the same query."""
        return self.select_related("user")

    def newest_first(self) -> Self:
        """By creation, the id breaking ties."""
        return self.order_by("-created_at", "-id")

    def in_language(self, language: str) -> Self:
        """Conversations whose target language is ``language``, however either was spelt."""
        return self.filter(target_language_code=languages.code_of(language))

    def spoken_by_natives_of(self, language: str) -> Self:
        """Conversations whose native language is ``language``, however either was spelt."""
        return self.filter(native_language_code=languages.code_of(language))

    def of_type(self, conversation_type: str) -> Self:
        """Conversations of one of the seven types."""
        return self.filter(conversation_type=conversation_type)

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
        """Conversations of ``minutes`` or more; one of unknown length is not among them."""
        return self.filter(duration_minutes__gte=minutes)

    def with_feedback(self, wanted: bool) -> Self:
        """Conversations that have feedback, of a client or of AI; or those that have none."""
        none = Q(ai_feedback={}, generated_feedback__isnull=True)
        return self.exclude(none) if wanted else self.filter(none)

    def by_client_id(self, client_id: UUID | None) -> VoiceConversation | None:
        """The conversation that came with this ``client_id``."""
        return self.filter(client_id=client_id).first() if client_id else None

    def showing(self, keys: Iterable[str]) -> Self:
        """Reads no other columns than the API's ``keys`` need: a transcription may be large."""
        columns = {field.name for field in self.model._meta.concrete_fields}
        read = {COLUMN_OF_KEY.get(key, key) for key in keys}
        names = columns & read | {"created_at", "user"}
        return self.only(
            *names,
            *(["user__name", "user__email"] if self.query.select_related else []),
        )

    def facts(self) -> QuerySet[VoiceConversation, Facts]:
        """What progress is derived from, in the present order; feedback of the newest alone."""
        place = Window(RowNumber(), order_by=[F("created_at").desc(), F("id").desc()])
        latest = Case(When(place__lte=LATEST_FEEDBACK, then=F("ai_feedback")), default=None)
        scores = {name: F(f"ai_feedback__{name}") for name in SCORES}
        annotated = self.annotate(place=place).annotate(latest_feedback=latest, **scores)
        return annotated.values_list(*Facts._fields, named=True)

    def mentioning(self, text: str) -> Self:
        """Conversations with ``text`` as part of the topic or of what was said, case-blind."""
        return self.filter(search_text__contains=languages.folded(text.strip()))


class VoiceConversation(models.Model):
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

    class FeedbackStatus(models.TextChoices):
        NONE = "none", "None"
        QUEUED = "queued", "Queued"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="voice_conversations")
    topic = models.CharField(max_length=200)
    transcription = models.JSONField(decoder=stored_json.Decoder)
    native_language = models.CharField(max_length=50)
    native_language_code = models.CharField(max_length=50, editable=False)
    target_language = models.CharField(max_length=50)
    target_language_code = models.CharField(max_length=50, editable=False)
    conversation_type = models.CharField(max_length=20, choices=Type, default=Type.PRACTICE)
    duration_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    ai_feedback = models.JSONField(decoder=stored_json.Decoder, default=dict, blank=True)
    generated_feedback = models.JSONField(decoder=stored_json.Decoder, null=True, blank=True)
    feedback_status = models.CharField(max_length=10, choices=FeedbackStatus, default=FeedbackStatus.NONE)
    feedback_error = models.TextField(blank=True)
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
            models.Index(fields=["user", "-created_at", "-id"], name="conversation_of_user"),
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
        said = "\n".join(stored_json.spoken_texts(self.transcription))[:SEARCHED_CHARACTERS]
        self.search_text = languages.folded(f"{self.topic}\n{said}")

    def merge_feedback(self, feedback: dict[str, Any]) -> None:
        """Adds ``feedback`` key by key to what is stored; the caller holds the row's lock.

        Raises InvalidInput when both together are above LARGEST_FEEDBACK.
        """
        self.ai_feedback = {**self.ai_feedback, **feedback}
        if stored_json.size_of(self.ai_feedback) > LARGEST_FEEDBACK:
            message = f"Feedback may be up to {LARGEST_FEEDBACK:,} bytes, with what is stored."
            raise InvalidInput(f"ai_feedback: {message}", errors={"ai_feedback": [message]})
        self.save(update_fields=["ai_feedback", "updated_at"])
