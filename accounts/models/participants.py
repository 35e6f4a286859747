"""What belongs to one of the two users of a chat: read mark, unread messages, block, place in the list."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import cache
from typing import Self

from django.db import models
from django.db.models import Count, F, FilteredRelation, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest

from accounts.errors import NotAllowed, NotFound
from accounts.models.chats import Chat, Message, MessageQuerySet, participant_deleted
from accounts.models.compiled import CompiledQuery
from accounts.models.querysets import LockableQuerySet
from accounts.models.users import User


class ParticipantQuerySet(LockableQuerySet["Participant"]):
    def for_user(self, user: User) -> Self:
        """The user's own participations; the only way from the API to a chat and its messages."""
        return self.filter(user=user)

    def in_chat(self, chat_id: uuid.UUID) -> Self:
        """The participants of one chat."""
        return self.filter(chat=chat_id)

    def peers_of(self, user: User) -> Self:
        """The other participants of the user's chats."""
        return self.filter(chat__participants__user=user).exclude(user=user)

    def blocks_between(self, one: uuid.UUID, other: uuid.UUID) -> Self:
        """The participants who have blocked the chat of two users."""
        return self.filter(chat__in=Chat.objects.between(one, other), blocked_at__isnull=False)

    def active(self) -> Self:
        """Participants who see the chat in their list: openers, and both users after the first message."""
        return self.filter(active_at__isnull=False)

    def clear_unread_counts(self) -> None:
        """Sets ``unread_count`` to 0. The caller holds the chats' locks and deletes the peers' messages."""
        self.filter(unread_count__gt=0).update(unread_count=0)

    def uncount_all(self, messages: MessageQuerySet) -> None:
        """Subtracts these messages of the peers, none of them deleted yet, from each ``unread_count``.

        The caller holds the chats' locks and deletes the messages.
        """
        unread = messages.filter(chat=OuterRef("chat"), seq__gt=OuterRef("read_seq")).order_by()
        number = Subquery(unread.values("chat").annotate(number=Count("*")).values("number"))
        left = Greatest(F("unread_count") - Coalesce(number, 0), 0)
        self.filter(unread_count__gt=0).update(unread_count=left)

    def unread_totals(self) -> dict[str, int]:
        """The number of chats with unread messages, and of the unread messages in all, in one statement."""
        unread = self.filter(unread_count__gt=0)
        return unread.aggregate(chats=Count("*"), messages=Coalesce(Sum("unread_count"), 0))

    def newest_activity_first(self) -> Self:
        """Orders by ``active_at``, then by the chat's id, both descending."""
        return self.order_by("-active_at", "-chat_id")

    def with_chat(self) -> Self:
        """Joins what a participant sees of the chat: ``peer``, the other participant, and ``last_message``.

        Adds ``is_blocked``, and ``peer_message``, the id of any message of the peer.
        """
        others = ~Q(chat__participants__id=F("id"))
        newest = Q(chat__messages__seq=F("chat__last_seq"))
        joined = self.alias(
            peer=FilteredRelation("chat__participants", condition=others),
            last_message=FilteredRelation("chat__messages", condition=newest),
        )
        # Not Exists: PostgreSQL may evaluate it by reading all messages of the table once.
        written = Message.objects.filter(chat=OuterRef("chat"), sender=OuterRef("peer__user"))
        any_written = Subquery(written.values("pk")[:1])
        return joined.annotate(is_blocked=Q(blocked_at__isnull=False), peer_message=any_written)

    def locked_pair(self, *, user: User, chat_id: uuid.UUID) -> tuple[Participant, Participant]:
        """The user's own participation and the peer's, with ``chat`` and ``user``.

        The chat is locked until the transaction ends, then both rows are. Raises NotFound.
        """
        found = _lock_of_pair(self.db).run(user=user.pk, chat=chat_id)
        if not found:
            raise NotFound
        own, peer = found if found[0].user_id == user.pk else reversed(found)
        peer.chat = own.chat
        return own, peer


@cache
def _lock_of_pair(alias: str) -> CompiledQuery[Participant]:
    """The query of ``locked_pair``."""
    examples = {"user": uuid.uuid4(), "chat": uuid.uuid4()}
    pair = Participant.objects.using(alias).filter(
        chat=examples["chat"], chat__participants__user=examples["user"]
    )
    rows = pair.select_related("chat", "user").only(*OWN_COLUMNS, "chat__last_seq", "user__deleted_at")
    return CompiledQuery(rows.select_for_update(of=("chat", "self")), **examples)


class Participant(models.Model):
    """One of the two users of a chat. All columns change under the lock of the chat's row.

    ``unread_count`` is the number of the peer's messages that are not deleted and whose ``seq`` is
    greater than ``read_seq``. ``active_at`` is the time of the newest message, or of the user's opening
    of a chat without messages. Null if the user has not opened the chat and it has no message: such a
    chat is not in the user's list.
    """

    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="participants", db_index=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="participations", db_index=False)
    read_seq = models.PositiveBigIntegerField(default=0)
    unread_count = models.PositiveBigIntegerField(default=0)
    blocked_at = models.DateTimeField(null=True, blank=True)
    active_at = models.DateTimeField(null=True, blank=True)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["chat", "user"],
                name="participant_once_per_chat",
                violation_error_message="This user is already in the chat.",
            ),
        ]
        indexes = [models.Index(fields=["user", "-active_at", "-chat"], name="participant_by_activity")]

    def __str__(self) -> str:
        return f"Participant {self.user_id} of chat {self.chat_id}"

    def check_writable(self, peer: Participant) -> None:
        """Raises NotAllowed if one of the two has blocked the chat, Conflict if the peer is deleted."""
        if self.blocked_at or peer.blocked_at:
            raise NotAllowed("One of you has blocked this chat.", code="blocked")
        if peer.user.deleted_at:
            raise participant_deleted()

    def open(self, *, at: datetime) -> None:
        """Puts a chat without messages into the user's list. Changes nothing if it is already there."""
        if self.active_at is None:
            self.active_at = at
            self.save(update_fields=["active_at"])

    def mark_read(self, *, seq: int) -> None:
        """Raises the read mark to ``seq``, at most to the chat's ``last_seq``; never lowers it.

        A database trigger broadcasts a new mark (``private.announce_read``).
        """
        seq = min(seq, self.chat.last_seq)
        if seq > self.read_seq:
            now_read = self.chat.messages.written_to(self.user).after(self.read_seq).before(seq + 1)
            self.unread_count -= self.unread_count if seq == self.chat.last_seq else now_read.count()
            self.read_seq = seq
            self.save(update_fields=["read_seq", "unread_count"])

    def uncount(self, message: Message) -> None:
        """Corrects ``unread_count`` after the deletion of a message of the peer."""
        if message.seq > self.read_seq:
            self.unread_count = max(self.unread_count - 1, 0)
            self.save(update_fields=["unread_count"])

    def block(self, *, at: datetime) -> None:
        """Blocks the chat. A repetition keeps the first ``at``."""
        if self.blocked_at is None:
            self.blocked_at = at
            self.save(update_fields=["blocked_at"])

    def unblock(self) -> None:
        """Removes the user's own block."""
        self.blocked_at = None
        self.save(update_fields=["blocked_at"])


OWN_COLUMNS = [field.name for field in Participant._meta.concrete_fields]
