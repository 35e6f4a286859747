"""Access tokens ended before their time, for databases where Supabase's sessions are unreadable."""

from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q


class RevocationQuerySet(models.QuerySet["Revocation"]):
    def covering(self, *, sub: UUID, session_id: UUID, issued_at: datetime) -> Self:
        """Revocations that end the token of this person, session and moment."""
        this_session = Q(session_id=session_id)
        every_session = Q(session_id=None) & ~Q(spared_session_id=session_id)
        every_session |= Q(session_id=None, spared_session_id=None)
        return self.filter(this_session | every_session, user_id=sub, issued_before__gt=issued_at)

    def expired(self, *, at: datetime) -> Self:
        """Revocations whose tokens are over by themselves."""
        return self.filter(expires_at__lt=at)


class Revocation(models.Model):
    """Tokens of one person issued before an instant: of one session, of all, or of all but one."""

    user_id = models.UUIDField()  # no key to User: a revocation outlives its row
    session_id = models.UUIDField(null=True)
    spared_session_id = models.UUIDField(null=True)
    issued_before = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = RevocationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user_id", "issued_before"], name="revocation_of_user"),
            models.Index(fields=["expires_at"], name="revocation_expiry"),
        ]

    def __str__(self) -> str:
        return f"Tokens of {self.user_id} before {self.issued_before:%Y-%m-%d %H:%M:%S}"
