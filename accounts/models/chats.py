"""Chats between two users, and their messages."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import cache
from typing import Self

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import F, Q

from accounts.errors import Conflict
from accounts.models.compiled import CompiledQuery
from accounts.models.idempotent import IdempotentModel, IdempotentQuerySet, once_per_client_id
from accounts.models.querysets import LockableQuerySet
from accounts.models.users import User


class ChatQuerySet(LockableQuerySet["Chat"]):
    def between(self, one: uuid.UUID, other: uuid.UUID) -> Self:
        """The chat of two users, by their ids in either order."""
        first, second = sorted((one, other))
        return self.filter(first=first, second=second)

    def of_user(self, user: User) -> Self:
        """The chats of one user."""
        return self.filter(participants__user=user)

    def lock_all_of(self, user: User) -> None:
        """Locks the user's chats until the transaction ends, in the order of their ids."""
        self.of_user(user).lock_in_order()


class Chat(models.Model):
    """The chat of two users, once per pair. ``first`` is the user with the smaller id.

    ``last_seq`` is the ``seq`` of the newest message. A writer takes the next ``seq`` under this
    row's lock, so that the order of ``seq`` is the order of commits. What belongs to one of the two
    users is in ``Participant``, and changes under the same lock.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    first = models.ForeignKey(User, on_delete=models.PROTECT, related_name="chats_as_first")
    second = models.ForeignKey(User, on_delete=models.PROTECT, related_name="chats_as_second")
    last_seq = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)  # the time of the newest message

    objects = ChatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(first__lt=F("second")),
                name="chat_between_two_people",
                violation_error_message="A chat joins two different people.",
            ),
            models.UniqueConstraint(
                fields=["first", "second"],
                name="chat_once_per_pair",
                violation_error_message="These two already have a chat.",
            ),
        ]

    def __str__(self) -> str:
        return f"Chat {self.pk}"

    def record(self, message: Message) -> None:
        """Stores what follows from a new message, in one statement. The caller holds the chat's lock.

        ``last_seq`` and ``updated_at`` of the chat, ``active_at`` of both participants, the sender's
        read mark, and one more unread message of the peer: see ``private.record_message``. Raises
        Conflict if the peer was deleted while the caller waited for the lock.
        """
        with connections[self._state.db or DEFAULT_DB_ALIAS].cursor() as cursor:
            values = (self.pk, message.sender_id, message.seq, message.created_at)
            cursor.execute("select private.record_message(%s, %s, %s, %s)", values)
            if not cursor.fetchone()[0]:
                raise participant_deleted()
        self.last_seq = message.seq


def participant_deleted() -> Conflict:
    return Conflict("This user has deleted their account.", code="participant_deleted")


class MessageQuerySet(IdempotentQuerySet["Message"]):
    def for_user(self, user: User) -> Self:
        """The messages of the user's own chats; the only way from the API to messages of both users."""
        return self.filter(chat__participants__user=user)

    def in_chat(self, chat_id: uuid.UUID) -> Self:
        """The messages of one chat."""
        return self.filter(chat=chat_id)

    def sent_with(self, client_id: uuid.UUID, *, chat: Chat, sender: User) -> Message | None:
        """The sender's message of the chat that was created with ``client_id``."""
        found = _sent_with(self.db).run(chat=chat.pk, sender=sender.pk, client_id=client_id)
        return found[0] if found else None

    def by_sender(self, user: User) -> Self:
        """Messages sent by ``user``."""
        return self.filter(sender=user)

    def at_seq(self, seq: int) -> Self:
        """Messages with this ``seq``: at most one in a chat."""
        return self.filter(seq=seq)

    def after(self, seq: int) -> Self:
        """Messages with a greater ``seq``."""
        return self.filter(seq__gt=seq)

    def before(self, seq: int) -> Self:
        """Messages with a smaller ``seq``."""
        return self.filter(seq__lt=seq)

    def around(self, seq: int, count: int) -> Self:
        """The message with this ``seq`` in one chat, with ``count`` before it and as many after it."""
        return self.filter(seq__gte=seq - count, seq__lte=seq + count)

    def written_to(self, user: User) -> Self:
        """Messages of the peers of ``user`` that are not deleted. The unread ones are among them."""
        return self.present().exclude(sender=user)

    def present(self) -> Self:
        """Messages that are not deleted."""
        return self.filter(deleted_at=None)

    def soft_delete(self, *, at: datetime) -> int:
        """Empties the messages that are not deleted yet. Returns their number.

        The rows keep their ``seq``. ``creation_digest`` is emptied too: a guess at the text could be
        verified with it. A database trigger broadcasts each deletion (``private.announce_message``).
        """
        return self.present().update(content="", creation_digest="", deleted_at=at)


@cache
def _sent_with(alias: str) -> CompiledQuery[Message]:
    """The query of ``sent_with``."""
    examples = {name: uuid.uuid4() for name in ("chat", "sender", "client_id")}
    return CompiledQuery(Message.objects.using(alias).filter(**examples), **examples)


class Message(IdempotentModel):
    """A message of a chat. ``seq`` counts from 1 in each chat, without gaps.

    A deleted message keeps its row and ``seq``; its content and ``creation_digest`` are empty, and
    ``deleted_at`` is set. ``removed_by_staff`` says that staff have deleted it, not its sender.
    """

    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveBigIntegerField()
    sender = models.ForeignKey(User, on_delete=models.PROTECT, related_name="messages")
    content = models.TextField(max_length=10_000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    removed_by_staff = models.BooleanField(default=False, db_default=False, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(seq__gte=1), name="message_seq_counts_from_one"),
            models.UniqueConstraint(fields=["chat", "seq"], name="message_once_per_seq"),
            once_per_client_id("chat", "sender", name="message_once_per_client_id"),
            models.CheckConstraint(
                condition=Q(deleted_at=None) ^ Q(content=""),
                name="message_has_content_until_deleted",
                violation_error_message="A message has content until it is deleted.",
            ),
            models.CheckConstraint(
                condition=Q(removed_by_staff=False) | Q(deleted_at__isnull=False),
                name="message_removed_by_staff_is_deleted",
            ),
        ]

    def __str__(self) -> str:
        return f"Message {self.seq} of chat {self.chat_id}"

    def edit(self, *, content: str, at: datetime) -> bool:
        """Changes the content; equal content changes nothing. Raises Conflict for a deleted message.

        Returns whether the content differs. A database trigger broadcasts the edit
        (``private.announce_message``).
        """
        if self.deleted_at:
            raise Conflict("This message has been deleted.", code="message_deleted")
        if content == self.content:
            return False
        self.content, self.edited_at = content, at
        self.save(update_fields=["content", "edited_at"])
        return True

    def soft_delete(self, *, at: datetime, by_staff: bool = False) -> None:
        """Empties the message, which keeps its row and ``seq``.

        A database trigger broadcasts the deletion (``private.announce_message``).
        """
        self.content, self.creation_digest, self.deleted_at = "", "", at
        self.removed_by_staff = by_staff
        self.save(update_fields=["content", "creation_digest", "deleted_at", "removed_by_staff"])
