"""Voice sessions begun, noted for as long as limits look back."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models

from accounts.models.users import User


class VoiceSessionQuerySet(models.QuerySet["VoiceSession"]):
    def for_user(self, user: User) -> Self:
        """The person's own sessions."""
        return self.filter(user=user)

    def after(self, instant: datetime) -> Self:
        """Sessions begun later than ``instant``."""
        return self.filter(created_at__gt=instant)

    def until(self, instant: datetime) -> Self:
        """Sessions begun at ``instant`` or earlier."""
        return self.filter(created_at__lte=instant)

    def oldest_first(self) -> Self:
        """By beginning, the id breaking ties."""
        return self.order_by("created_at", "id")

    def instants(self) -> models.QuerySet[VoiceSession, datetime]:
        """When they were begun, oldest first, and nothing else of them."""
        return self.oldest_first().values_list("created_at", flat=True)


class VoiceSession(models.Model):
    """One person was given the means to begin one voice session; what it holds is OpenAI's alone."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="voice_sessions")
    created_at = models.DateTimeField()

    objects = VoiceSessionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "created_at"], name="voice_session_of_user")]

    def __str__(self) -> str:
        return f"{self.user}, {self.created_at:%Y-%m-%d %H:%M:%S}"
