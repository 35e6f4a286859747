"""Chats between two people, and their messages."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, Subquery, When
from django.db.models.functions import Coalesce, Greatest, Least

from accounts.errors import Conflict, NotAllowed
from accounts.models.idempotent import IdempotentModel, IdempotentQuerySet, once_per_client_id
from accounts.models.querysets import LockableQuerySet
from accounts.models.users import User


class ChatQuerySet(LockableQuerySet["Chat"]):
    def for_user(self, user: User) -> Self:
        """The caller's own chats: the only door to them and their messages from the API."""
        return self.filter(Q(first=user) | Q(second=user))

    def between(self, one: uuid.UUID, other: uuid.UUID) -> Self:
        """The chat of two people, by their ids, whichever asked first."""
        first, second = sorted((one, other))
        return self.filter(first=first, second=second)

    def with_participants(self) -> Self:
        """Loads both people in the same query."""
        return self.select_related("first", "second")

    def with_last_message(self) -> Self:
        """Loads each chat's newest message, in one query for all of them."""
        newest = Prefetch("messages", Message.objects.latest_of_chats(), to_attr="newest")
        return self.prefetch_related(newest)

    def as_seen_by(self, user: User) -> Self:
        """Adds ``unread_count`` and ``peer_has_written`` as ``user`` has them, in the same query."""
        mine = Case(When(first=user, then=F("first_read_seq")), default=F("second_read_seq"))
        theirs = Message.objects.filter(chat=OuterRef("pk")).exclude(sender=user)
        unread = theirs.filter(seq__gt=OuterRef("my_read_seq"), deleted_at=None).order_by()
        counted = unread.values("chat").annotate(count=Count("*")).values("count")
        return self.annotate(my_read_seq=mine).annotate(
            unread_count=Coalesce(Subquery(counted), 0), peer_has_written=Exists(theirs)
        )

    def newest_activity_first(self) -> Self:
        """By the newest message, the id breaking ties."""
        return self.order_by("-updated_at", "-id")


class Chat(models.Model):
    """Two people's conversation, once per pair: ``first`` is the one with the smaller id.

    ``last_seq`` is the ``seq`` of the newest message; a writer takes the next one under this
    row's lock, so that the order of ``seq`` is the order of commits.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    first = models.ForeignKey(User, on_delete=models.PROTECT, related_name="chats_as_first")
    second = models.ForeignKey(User, on_delete=models.PROTECT, related_name="chats_as_second")
    last_seq = models.PositiveBigIntegerField(default=0)
    first_read_seq = models.PositiveBigIntegerField(default=0)
    second_read_seq = models.PositiveBigIntegerField(default=0)
    first_blocked_at = models.DateTimeField(null=True, blank=True)
    second_blocked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)  # the newest message's instant

    objects = ChatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")),
                name="chat_between_two_people",
                violation_error_message="A chat joins two different people.",
            ),
            models.UniqueConstraint(
                fields=["first", "second"],
                name="chat_once_per_pair",
                violation_error_message="These two already have a chat.",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    first_read_seq__lte=models.F("last_seq"),
                    second_read_seq__lte=models.F("last_seq"),
                ),
                name="chat_read_not_beyond_written",
            ),
        ]
        indexes = [
            models.Index(fields=["first", "-updated_at", "-id"], name="chat_of_first"),
            models.Index(fields=["second", "-updated_at", "-id"], name="chat_of_second"),
        ]

    def __str__(self) -> str:
        return f"Chat {self.pk}"

    def side_of(self, user: User) -> str:
        """``first`` or ``second``: the prefix of the columns that are this participant's."""
        return "first" if user.pk == self.first_id else "second"

    def peer_of(self, user: User) -> User:
        """The other participant."""
        return self.second if user.pk == self.first_id else self.first

    def admit_writing_to(self, peer: User) -> None:
        """Raises NotAllowed while either has blocked the other, Conflict when ``peer`` is gone."""
        if self.first_blocked_at or self.second_blocked_at:
            raise NotAllowed("One of you has blocked this chat.", code="blocked")
        if peer.deleted_at:
            raise Conflict("This person has deleted their account.", code="participant_deleted")

    def take_in(self, message: Message) -> None:
        """Notes a message just written; its sender has read up to it."""
        self.last_seq = message.seq
        own = f"{self.side_of(message.sender)}_read_seq"
        setattr(self, own, message.seq)
        self.save(update_fields=["last_seq", own, "updated_at"])

    def mark_read(self, *, user: User, seq: int) -> None:
        """Moves the participant's read mark up to ``seq``: never back, never beyond what is written."""
        own = f"{self.side_of(user)}_read_seq"
        mark = Greatest(F(own), Least(seq, F("last_seq")))
        Chat.objects.filter(pk=self.pk).update(**{own: mark})

    def block(self, *, user: User, at: datetime | None) -> None:
        """Blocks the peer for ``user`` since ``at``; None lifts it. The first instant stays."""
        own = f"{self.side_of(user)}_blocked_at"
        instant = Coalesce(F(own), at) if at else None
        Chat.objects.filter(pk=self.pk).update(**{own: instant})


class MessageQuerySet(IdempotentQuerySet["Message"]):
    def by_sender(self, user: User) -> Self:
        """Messages that ``user`` wrote."""
        return self.filter(sender=user)

    def after(self, seq: int) -> Self:
        """Messages that follow ``seq``."""
        return self.filter(seq__gt=seq)

    def before(self, seq: int) -> Self:
        """Messages that precede ``seq``."""
        return self.filter(seq__lt=seq)

    def at(self, seq: int) -> Self:
        """The message with this ``seq`` of each chat."""
        return self.filter(seq=seq)

    def latest_of_chats(self) -> Self:
        """Each chat's newest message."""
        return self.filter(seq=F("chat__last_seq"))

    def blank(self, *, at: datetime) -> int:
        """Takes the content of those that still have it, keeping their ``seq``; how many."""
        return self.filter(deleted_at=None).update(content="", deleted_at=at)


class Message(IdempotentModel):
    """One message; a deleted one keeps its ``seq`` and loses its content."""

    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveBigIntegerField()
    sender = models.ForeignKey(User, on_delete=models.PROTECT, related_name="messages")
    content = models.TextField(max_length=10_000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="message_seq_counts_from_one"),
            models.UniqueConstraint(fields=["chat", "seq"], name="message_once_per_seq"),
            once_per_client_id("chat", "sender", name="message_once_per_client_id"),
            models.CheckConstraint(
                condition=models.Q(deleted_at=None) ^ models.Q(content=""),
                name="message_has_content_until_deleted",
                violation_error_message="A message has content until it is deleted.",
            ),
        ]

    def __str__(self) -> str:
        return f"Message {self.seq} of chat {self.chat_id}"

    def edit(self, *, content: str, at: datetime) -> None:
        """Changes the content. Raises Conflict when the message has been deleted."""
        if self.deleted_at:
            raise Conflict("This message has been deleted.", code="message_deleted")
        if content != self.content:
            self.content, self.edited_at = content, at
            self.save(update_fields=["content", "edited_at"])

    def erase(self, *, at: datetime) -> None:
        """Takes the content and keeps the ``seq``; a second time does nothing."""
        if not self.deleted_at:
            self.content, self.deleted_at = "", at
            self.save(update_fields=["content", "deleted_at"])
