"""Revoked access tokens, for databases in which Supabase's sessions cannot be read or deleted."""

from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q


class RevocationQuerySet(models.QuerySet["Revocation"]):
    def covering(self, *, sub: UUID, session_id: UUID, issued_at: datetime) -> Self:
        """Revocations of a token with these claims."""
        this_session = Q(session_id=session_id)
        every_session = Q(session_id=None) & ~Q(spared_session_id=session_id)
        every_session |= Q(session_id=None, spared_session_id=None)
        return self.filter(this_session | every_session, user_id=sub, issued_before__gt=issued_at)

    def expired(self, *, at: datetime) -> Self:
        """Revocations that are no longer needed: every token they revoke has expired."""
        return self.filter(expires_at__lt=at)


class Revocation(models.Model):
    """Revokes the access tokens of a user that were issued before ``issued_before``.

    With ``session_id``, only the tokens of that session. With ``spared_session_id``, the tokens of
    every other session. With neither, the tokens of every session.
    """

    user_id = models.UUIDField()  # not a foreign key: a revocation remains after its user's row
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
