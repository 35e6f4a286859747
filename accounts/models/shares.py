"""Conversations that a learner has opened to a teacher."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.errors import NotFound
from accounts.models.bans import not_banned
from accounts.models.comments import Comment
from accounts.models.querysets import LockableQuerySet
from accounts.models.users import User
from accounts.models.voice_conversations import VoiceConversation


class ShareQuerySet(LockableQuerySet["Share"]):
    def for_user(self, user: User) -> Self:
        """Shares given by the user, also those that have ended or whose conversation is deleted."""
        return self.filter(learner=user)

    def for_teacher(self, user: User) -> Self:
        """The shares that open a conversation to ``user``; the only way from a teacher to a conversation."""
        admitted = not_banned("conversation__user__") & Q(conversation__user__deleted_at=None)
        return self.active().filter(admitted, teacher=user)

    def given_to(self, user: User) -> Self:
        """Shares with the teacher ``user``, also those that have ended."""
        return self.filter(teacher=user)

    def between(self, user: User) -> Self:
        """Shares given by ``user`` or to ``user``, also those that have ended."""
        return self.filter(Q(learner=user) | Q(teacher=user))

    def active(self) -> Self:
        """Shares that have not ended."""
        return self.filter(ended_at=None)

    def in_conversation(self, pk: int) -> Self:
        """Shares of one conversation."""
        return self.filter(conversation=pk)

    def given_after(self, instant: datetime) -> Self:
        """Shares given later than ``instant``, also those that have ended."""
        return self.filter(created_at__gt=instant)

    def newest_first(self) -> Self:
        """Orders by ``created_at``, then by ``id``, both descending."""
        return self.order_by("-created_at", "-id")

    def lock_conversation(self, user: User, pk: int) -> VoiceConversation:
        """A conversation that is shared with ``user``, locked until the transaction ends, with its user.

        A share ends under the same lock, perhaps while this transaction waits for it. So the share is read
        again after the wait. Raises NotFound.
        """
        shared = self.for_teacher(user).in_conversation(pk)
        locked = shared.select_related("conversation__user").select_for_update(of=("conversation",)).first()
        if locked is None or locked.conversation is None or not shared.exists():
            raise NotFound
        return locked.conversation

    def with_learner(self) -> Self:
        """Loads each share's conversation and learner. Adds ``comments_count``, of the teacher's own ones."""
        own = Comment.objects.filter(conversation=OuterRef("conversation"), author=OuterRef("teacher"))
        number = own.order_by().values("author").annotate(number=Count("*")).values("number")
        # Django converts integers of expressions, which a CompiledList must not need.
        counted = Coalesce(Subquery(number), 0, output_field=models.Field())
        return self.annotate(comments_count=counted).select_related("conversation", "learner")

    def with_teacher(self) -> Self:
        """Loads each share's teacher in the same query."""
        return self.select_related("teacher")

    def instants(self) -> list[datetime]:
        """``created_at`` of each, ascending."""
        return list(self.order_by("created_at").values_list("created_at", flat=True))

    def end(self, *, at: datetime) -> int:
        """Ends the active ones. Returns their number. A database trigger announces each end."""
        return self.active().update(ended_at=at)


class Share(models.Model):
    """A conversation opened to a teacher until ``ended_at``.

    An ended share remains, because the limits count the shares of a day. ``conversation`` is null after its
    deletion. A database trigger announces the beginning and the end to learner and teacher
    (``private.announce_share``).
    """

    conversation = models.ForeignKey(
        VoiceConversation, on_delete=models.SET_NULL, null=True, blank=True, related_name="shares"
    )
    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="given_shares", db_index=False)
    teacher = models.ForeignKey(User, on_delete=models.CASCADE, related_name="received_shares")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "teacher"],
                condition=Q(ended_at=None),
                name="share_once_per_teacher",
                violation_error_message="This conversation is already shared with this teacher.",
            ),
            models.CheckConstraint(
                condition=~Q(learner=F("teacher")),
                name="share_with_another_person",
                violation_error_message="A conversation is shared with another person.",
            ),
        ]
        indexes = [
            models.Index(fields=["learner", "created_at"], name="share_of_learner"),
            models.Index(
                fields=["teacher", "-created_at", "-id"], condition=Q(ended_at=None), name="share_of_teacher"
            ),
        ]

    def __str__(self) -> str:
        return f"Share {self.pk}"


class DeclinedLearnerQuerySet(LockableQuerySet["DeclinedLearner"]):
    def for_user(self, user: User) -> Self:
        """The learners whom ``user`` has declined."""
        return self.filter(teacher=user)

    def about(self, user: User) -> Self:
        """Rows in which ``user`` is the teacher or the learner."""
        return self.filter(Q(teacher=user) | Q(learner=user))

    def newest_first(self) -> Self:
        """Orders by ``created_at``, then by ``id``, both descending."""
        return self.order_by("-created_at", "-id")

    def of_learner(self, pk: UUID) -> Self:
        """Rows of one learner."""
        return self.filter(learner=pk)

    def with_learner(self) -> Self:
        """Loads each row's learner in the same query."""
        return self.select_related("learner")


class DeclinedLearner(models.Model):
    """A learner from whom a teacher accepts no shares."""

    teacher = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="declined_learners", db_index=False
    )
    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="declined_by")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DeclinedLearnerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["teacher", "learner"], name="learner_declined_once"),
        ]

    def __str__(self) -> str:
        return f"{self.teacher_id} declines {self.learner_id}"
