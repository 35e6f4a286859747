"""Reading messages: whose, and which by their place in the chat."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F

from accounts.models.users import User

if TYPE_CHECKING:
    from accounts.models.chats import Message


class MessageQuerySet(models.QuerySet["Message"]):
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

    def by_client_id(self, client_id: uuid.UUID | None) -> Message | None:
        """The message that came with this ``client_id``."""
        return self.filter(client_id=client_id).first() if client_id else None

    def blank(self, *, at: datetime) -> int:
        """Takes the content of those that still have it, keeping their ``seq``; how many."""
        return self.filter(deleted_at=None).update(content="", deleted_at=at)
