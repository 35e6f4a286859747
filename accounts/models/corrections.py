"""Corrections of what a learner said or wrote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Count, Q, Window

from accounts.models.chats import Message
from accounts.models.comments import Comment
from accounts.models.idempotent import IdempotentModel, IdempotentQuerySet, once_per_client_id
from accounts.models.users import User
from accounts.models.voice_conversations import VoiceConversation


class CorrectionQuerySet(IdempotentQuerySet["Correction"]):
    def for_user(self, user: User) -> Self:
        """Corrections of the user's own texts; the only way from the API to a correction."""
        return self.filter(learner=user)

    def by_author(self, user: User) -> Self:
        """Corrections written by ``user``."""
        return self.filter(author=user)

    def by_ai(self) -> Self:
        return self.filter(source=Correction.Source.AI)

    def in_conversation(self, conversation: VoiceConversation) -> Self:
        """Corrections of one conversation."""
        return self.filter(conversation=conversation)

    def of_message(self, message: Message) -> Self:
        """Corrections of one chat message."""
        return self.filter(message=message)

    def with_number_of_rows(self) -> Self:
        """Adds ``number_of_rows``: of all corrections of the filters, also if the statement has a limit."""
        return self.annotate(number_of_rows=Window(Count("pk")))

    def oldest_first(self) -> Self:
        """Orders by ``id``."""
        return self.order_by("id")

    def mark_outdated(self, *, at: datetime) -> int:
        """Marks the corrections whose message has been edited. Returns the number of newly marked ones."""
        return self.filter(outdated_at=None).update(outdated_at=at)


class Correction(IdempotentModel):
    """A correction of a text of ``learner``: of a turn of a conversation, or of a chat message.

    ``turn`` is the place of the turn, see ``values/transcripts.py``; null if the transcription no longer
    contains the quote there. ``author`` is null for the AI, and after the author's account is deleted. A
    teacher's correction belongs to a ``comment``. ``language_code`` is empty if the language is unknown.
    """

    class Source(models.TextChoices):
        AI = "ai", "AI"
        TEACHER = "teacher", "Teacher"
        PEER = "peer", "Partner of a chat"
        SELF = "self", "Learner"

    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="corrections")
    source = models.CharField(max_length=10, choices=Source)
    author = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="written_corrections"
    )
    language_code = models.CharField(max_length=50, blank=True)
    quote = models.TextField()
    corrected = models.TextField()
    explanation = models.TextField(blank=True)
    conversation = models.ForeignKey(
        VoiceConversation, on_delete=models.CASCADE, null=True, blank=True, related_name="corrections"
    )
    turn = models.PositiveIntegerField(null=True, blank=True)
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, blank=True, related_name="corrections", db_index=False
    )
    comment = models.OneToOneField(
        Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="correction"
    )
    outdated_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(source__in=["ai", "teacher", "peer", "self"]), name="correction_source_is_known"
            ),
            models.CheckConstraint(
                condition=Q(conversation=None) ^ Q(message=None),
                name="correction_of_a_turn_or_of_a_message",
                violation_error_message="A correction belongs to a conversation or to a chat message.",
            ),
            models.CheckConstraint(
                condition=~Q(source="ai") | Q(author=None), name="correction_of_the_ai_has_no_author"
            ),
            once_per_client_id("message", "author", name="correction_once_per_client_id"),
        ]

    def __str__(self) -> str:
        return f"Correction {self.pk}"

    @property
    def is_outdated(self) -> bool:
        """Whether the message was edited after the correction."""
        return self.outdated_at is not None

    def change(self, fields: Mapping[str, Any]) -> None:
        """Sets and saves these columns."""
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=[*fields])
