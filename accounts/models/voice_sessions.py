"""Voice sessions. The limits count those of the last 24 hours; a later start deletes older rows."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models

from accounts.models.users import User


class VoiceSessionQuerySet(models.QuerySet["VoiceSession"]):
    def for_user(self, user: User) -> Self:
        """The user's own sessions."""
        return self.filter(user=user)

    def after(self, instant: datetime) -> Self:
        """Sessions started later than ``instant``."""
        return self.filter(created_at__gt=instant)

    def until(self, instant: datetime) -> Self:
        """Sessions started at ``instant`` or earlier."""
        return self.filter(created_at__lte=instant)

    def oldest_first(self) -> Self:
        """Orders by ``created_at``, then by ``id``."""
        return self.order_by("created_at", "id")

    def instants(self) -> models.QuerySet[VoiceSession, datetime]:
        """The ``created_at`` of each session, oldest first."""
        return self.oldest_first().values_list("created_at", flat=True)


class VoiceSession(models.Model):
    """The start of a voice session: OpenAI issued a client secret. The content is not stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="voice_sessions")
    created_at = models.DateTimeField()

    objects = VoiceSessionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "created_at"], name="voice_session_of_user")]

    def __str__(self) -> str:
        return f"{self.user}, {self.created_at:%Y-%m-%d %H:%M:%S}"
