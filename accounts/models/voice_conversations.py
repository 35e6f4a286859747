"""The record of OpenAI speech-to-speech conversations: what was said, how long, how well."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, When, Window
from django.db.models.functions import RowNumber

from accounts.models.derived import DerivedColumnsModel
from accounts.models.feedback import GeneratedFeedback
from accounts.models.idempotent import IdempotentModel, IdempotentQuerySet, once_per_client_id
from accounts.models.users import User
from accounts.values import exact_json, languages, transcripts

# Of a very long conversation, search knows the beginning.
SEARCHED_CHARACTERS = 100_000
LONGEST_MINUTES = 24 * 60
SCORES = ("grammar_score", "pronunciation_score")
# Advice of long ago has been taken or forgotten.
LATEST_FEEDBACK = 100
COLUMN_OF_KEY = {"conversation_type_display": "conversation_type"}


class Interval(models.TextChoices):
    """The length of a period of the progress series. A week begins on Monday (ISO 8601)."""

    DAY = "day", "Day"
    WEEK = "week", "Week"
    MONTH = "month", "Month"


class Facts(NamedTuple):
    """One conversation as the summary sees it."""

    created_at: datetime
    duration_minutes: int | None
    conversation_type: str
    target_language: str
    target_language_code: str
    grammar_score: float | None
    pronunciation_score: float | None
    latest_feedback: dict[str, Any] | None


class Measures(NamedTuple):
    """One conversation as progress over time sees it."""

    created_at: datetime
    duration_minutes: int | None
    grammar_score: float | None
    pronunciation_score: float | None


class VoiceConversationQuerySet(IdempotentQuerySet["VoiceConversation"]):
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

    def showing(self, keys: Iterable[str]) -> Self:
        """Reads no other columns than the API's ``keys`` need: a transcription may be large."""
        columns = {field.name for field in self.model._meta.concrete_fields}
        read = {COLUMN_OF_KEY.get(key, key) for key in keys}
        names = columns & read | {"created_at", "user"}
        return self.only(
            *names,
            *(["user__name", "user__email"] if self.query.select_related else []),
        )

    def queued_for_feedback(self) -> Self:
        """Locked conversations that wait for AI feedback; who is gone or banned waits for none."""
        people = {"user__is_active": True, "user__deleted_at": None}
        waiting = self.filter(feedback_status="queued", **people)
        return waiting.select_related("user").select_for_update(of=("self",))

    def facts(self) -> QuerySet[VoiceConversation, Facts]:
        """What the summary is derived from, in the present order; feedback of the newest alone.

        The index ``conversation_of_user`` holds all but the feedback. That is read row by row, by a
        subquery which PostgreSQL runs for the newest only: the others' documents stay untouched.
        """
        place = Window(RowNumber(), order_by=[F("created_at").desc(), F("id").desc()])
        feedback = VoiceConversation.objects.filter(pk=OuterRef("pk")).values("ai_feedback")
        latest = Case(When(place__lte=LATEST_FEEDBACK, then=Subquery(feedback)), default=None)
        annotated = self.annotate(place=place).annotate(latest_feedback=latest)
        return annotated.values_list(*Facts._fields, named=True)

    def measures(self) -> QuerySet[VoiceConversation, Measures]:
        """What progress over time is derived from; the index ``conversation_of_user`` holds it all."""
        return self.values_list(*Measures._fields, named=True)

    def minutes_after(self, instant: datetime) -> list[tuple[datetime, int]]:
        """When the conversations later than ``instant`` were created, and their minutes; oldest first."""
        timed = self.filter(created_at__gt=instant, duration_minutes__gt=0).order_by("created_at", "id")
        return [(at, minutes or 0) for at, minutes in timed.values_list("created_at", "duration_minutes")]

    def latest_feedback(self, count: int) -> QuerySet[VoiceConversation, dict[str, Any]]:
        """``ai_feedback`` of the newest ``count``, newest first, and nothing else of them."""
        return self.newest_first().values_list("ai_feedback", flat=True)[:count]

    def latest_level(self, levels: Collection[str]) -> str | None:
        """The newest of ``levels`` that generated feedback gives as ``cefr_estimate``, of late."""
        latest = self.newest_first().values_list("generated_feedback__cefr_estimate", flat=True)
        return next((level for level in latest[:LATEST_FEEDBACK] if level in levels), None)

    def mentioning(self, text: str) -> Self:
        """Conversations with ``text`` as part of the topic or of what was said, case-blind."""
        return self.filter(search_text__contains=languages.folded(text.strip()))


class VoiceConversation(GeneratedFeedback, DerivedColumnsModel, IdempotentModel):
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
    search_text = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

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

    def derive(self) -> None:
        """Sets language codes and search text from the fields they follow."""
        self.native_language_code = languages.code_of(self.native_language)
        self.target_language_code = languages.code_of(self.target_language)
        said = "\n".join(transcripts.spoken_texts(self.transcription))[:SEARCHED_CHARACTERS]
        self.search_text = languages.folded(f"{self.topic}\n{said}")
