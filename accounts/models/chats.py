"""Chats between two people, and their messages."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models

from accounts.models.users import User


class MessageQuerySet(models.QuerySet["Message"]):
    def by_sender(self, user: User) -> Self:
        """Messages that ``user`` wrote."""
        return self.filter(sender=user)

    def blank(self, *, at: datetime) -> int:
        """Takes the content of those that still have it, keeping their ``seq``; how many."""
        return self.filter(deleted_at=None).update(content="", deleted_at=at)


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
    updated_at = models.DateTimeField(auto_now=True)

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


class Message(models.Model):
    """One message; a deleted one keeps its ``seq`` and loses its content."""

    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveBigIntegerField()
    sender = models.ForeignKey(User, on_delete=models.PROTECT, related_name="messages")
    content = models.TextField(max_length=10_000, blank=True)
    client_id = models.UUIDField(null=True, blank=True, editable=False)
    creation_digest = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="message_seq_counts_from_one"),
            models.UniqueConstraint(fields=["chat", "seq"], name="message_once_per_seq"),
            models.UniqueConstraint(
                fields=["chat", "sender", "client_id"],
                name="message_once_per_client_id",
                violation_error_message="This client_id was already used.",
            ),
            models.CheckConstraint(
                condition=models.Q(deleted_at=None) ^ models.Q(content=""),
                name="message_has_content_until_deleted",
                violation_error_message="A message has content until it is deleted.",
            ),
        ]

    def __str__(self) -> str:
        return f"Message {self.seq} of chat {self.chat_id}"
