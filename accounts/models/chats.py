"""Chats between two users, and their messages."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import cache
from typing import Self

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, Subquery, When
from django.db.models.functions import Coalesce, Greatest, Least

from accounts.errors import Conflict, NotAllowed, NotFound
from accounts.models.compiled import CompiledQuery
from accounts.models.idempotent import IdempotentModel, IdempotentQuerySet, once_per_client_id
from accounts.models.querysets import LockableQuerySet
from accounts.models.users import User


class ChatQuerySet(LockableQuerySet["Chat"]):
    def for_user(self, user: User) -> Self:
        """The user's own chats; the only way from the API to a chat and its messages."""
        return self.filter(Q(first=user) | Q(second=user))

    def locked_of(self, *, user: User, pk: uuid.UUID) -> Chat:
        """One of the user's own chats with its participants, locked until the transaction ends.

        Raises NotFound.
        """
        found = _lock_of_own(self.db).run(user=user.pk, pk=pk)
        if not found:
            raise NotFound
        return found[0]

    def between(self, one: uuid.UUID, other: uuid.UUID) -> Self:
        """The chat of two users, by their ids in either order."""
        first, second = sorted((one, other))
        return self.filter(first=first, second=second)

    def with_participants(self) -> Self:
        """Loads both participants in the same query."""
        return self.select_related("first", "second")

    def with_last_message(self) -> Self:
        """Loads the newest message of each chat into ``newest``, in one query for all chats."""
        newest = Prefetch("messages", Message.objects.latest_of_chats(), to_attr="newest")
        return self.prefetch_related(newest)

    def as_seen_by(self, user: User) -> Self:
        """Adds ``my_read_seq``, ``unread_count`` and ``peer_has_written`` for ``user``, in the same query."""
        mine = Case(When(first=user, then=F("first_read_seq")), default=F("second_read_seq"))
        theirs = Message.objects.filter(chat=OuterRef("pk")).exclude(sender=user)
        unread = theirs.filter(seq__gt=OuterRef("my_read_seq"), deleted_at=None).order_by()
        counted = unread.values("chat").annotate(count=Count("*")).values("count")
        return self.annotate(my_read_seq=mine).annotate(
            unread_count=Coalesce(Subquery(counted), 0), peer_has_written=Exists(theirs)
        )

    def newest_activity_first(self) -> Self:
        """Orders by the time of the newest message, then by id."""
        return self.order_by("-updated_at", "-id")


@cache
def _lock_of_own(alias: str) -> CompiledQuery[Chat]:
    """The query of ``locked_of``."""
    examples = {"user": uuid.uuid4(), "pk": uuid.uuid4()}
    own = Chat.objects.using(alias).for_user(User(pk=examples["user"])).with_participants()
    return CompiledQuery(own.filter(pk=examples["pk"]).select_for_update(of=("self",)), **examples)


class Chat(models.Model):
    """The chat of two users, once per pair. ``first`` is the user with the smaller id.

    ``last_seq`` is the ``seq`` of the newest message. A writer takes the next ``seq`` under this
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
            models.CheckConstraint(
                condition=Q(
                    first_read_seq__lte=F("last_seq"),
                    second_read_seq__lte=F("last_seq"),
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
        """The prefix of the participant's columns: ``first`` or ``second``."""
        return "first" if user.pk == self.first_id else "second"

    def peer_of(self, user: User) -> User:
        """The other participant."""
        return self.second if user.pk == self.first_id else self.first

    def check_writable(self, user: User) -> None:
        """Raises NotAllowed if a participant has blocked the chat, Conflict if the peer is deleted.

        ``user`` is the participant who wants to write.
        """
        if self.first_blocked_at or self.second_blocked_at:
            raise NotAllowed("One of you has blocked this chat.", code="blocked")
        if self.peer_of(user).deleted_at:
            raise Conflict("This user has deleted their account.", code="participant_deleted")

    def record(self, message: Message) -> None:
        """Sets ``last_seq`` and the sender's read mark to the ``seq`` of a new message."""
        self.last_seq = message.seq
        own = f"{self.side_of(message.sender)}_read_seq"
        setattr(self, own, message.seq)
        self.save(update_fields=["last_seq", own, "updated_at"])

    def mark_read(self, *, user: User, seq: int) -> None:
        """Raises the participant's read mark to ``seq``, at most to ``last_seq``; never lowers it.

        One UPDATE, so it needs no lock. A database trigger broadcasts a new mark
        (``private.announce_read``).
        """
        own = f"{self.side_of(user)}_read_seq"
        mark = Greatest(F(own), Least(seq, F("last_seq")))
        Chat.objects.filter(pk=self.pk).update(**{own: mark})

    def block(self, *, user: User, at: datetime) -> None:
        """Stores that the participant blocks the chat. A repetition keeps the first ``at``."""
        own = f"{self.side_of(user)}_blocked_at"
        Chat.objects.filter(pk=self.pk).update(**{own: Coalesce(F(own), at)})

    def unblock(self, *, user: User) -> None:
        """Removes the participant's own block."""
        Chat.objects.filter(pk=self.pk).update(**{f"{self.side_of(user)}_blocked_at": None})


class MessageQuerySet(IdempotentQuerySet["Message"]):
    def by_sender(self, user: User) -> Self:
        """Messages sent by ``user``."""
        return self.filter(sender=user)

    def after(self, seq: int) -> Self:
        """Messages with a greater ``seq``."""
        return self.filter(seq__gt=seq)

    def before(self, seq: int) -> Self:
        """Messages with a smaller ``seq``."""
        return self.filter(seq__lt=seq)

    def latest_of_chats(self) -> Self:
        """The newest message of each chat."""
        return self.filter(seq=F("chat__last_seq"))

    def soft_delete(self, *, at: datetime) -> int:
        """Empties the messages that are not deleted yet. Returns their number.

        The rows keep their ``seq``. ``creation_digest`` is emptied too: a guess at the text could be
        verified with it. A database trigger broadcasts each deletion (``private.announce_message``).
        """
        return self.filter(deleted_at=None).update(content="", creation_digest="", deleted_at=at)


class Message(IdempotentModel):
    """A message of a chat. ``seq`` counts from 1 in each chat, without gaps.

    A deleted message keeps its row and ``seq``; its content and ``creation_digest`` are empty, and
    ``deleted_at`` is set.
    """

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
            models.CheckConstraint(condition=Q(seq__gte=1), name="message_seq_counts_from_one"),
            models.UniqueConstraint(fields=["chat", "seq"], name="message_once_per_seq"),
            once_per_client_id("chat", "sender", name="message_once_per_client_id"),
            models.CheckConstraint(
                condition=Q(deleted_at=None) ^ Q(content=""),
                name="message_has_content_until_deleted",
                violation_error_message="A message has content until it is deleted.",
            ),
        ]

    def __str__(self) -> str:
        return f"Message {self.seq} of chat {self.chat_id}"

    def edit(self, *, content: str, at: datetime) -> None:
        """Changes the content; equal content changes nothing. Raises Conflict for a deleted message.

        A database trigger broadcasts the edit (``private.announce_message``).
        """
        if self.deleted_at:
            raise Conflict("This message has been deleted.", code="message_deleted")
        if content != self.content:
            self.content, self.edited_at = content, at
            self.save(update_fields=["content", "edited_at"])

    def soft_delete(self, *, at: datetime) -> None:
        """Empties the message, which keeps its row and ``seq``. A repetition changes nothing.

        A database trigger broadcasts the deletion (``private.announce_message``).
        """
        if not self.deleted_at:
            self.content, self.creation_digest, self.deleted_at = "", "", at
            self.save(update_fields=["content", "creation_digest", "deleted_at"])
