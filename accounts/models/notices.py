"""Notices of staff to a user."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models.querysets import LockableQuerySet
from accounts.models.reports import Report
from accounts.models.users import User

MAX_NOTICE_CHARACTERS = 2_000


class NoticeQuerySet(LockableQuerySet["Notice"]):
    def for_user(self, user: User) -> Self:
        """The user's own notices; the only way from the API to a notice."""
        return self.filter(user=user)

    def newest_first(self) -> Self:
        """Orders by ``created_at``, then by ``id``, both descending."""
        return self.order_by("-created_at", "-id")


class Notice(models.Model):
    """A notice to a user: a warning, a ban, or that a report of the user was handled.

    A database trigger announces it to the user (``private.announce_notice``).
    """

    class Kind(models.TextChoices):
        WARNING = "warning", "Warning"
        REPORT = "report", "Report handled"
        BAN = "ban", "Banned"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.TextField(max_length=MAX_NOTICE_CHARACTERS)
    report = models.ForeignKey(
        Report, on_delete=models.SET_NULL, null=True, blank=True, related_name="notices", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["warning", "report", "ban"]), name="notice_kind_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(text=""),
                name="notice_has_a_text",
                violation_error_message="A notice has a text.",
            ),
        ]
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="notice_of_user")]

    def __str__(self) -> str:
        return f"Notice {self.pk}"

    def mark_read(self, *, at: datetime) -> None:
        """Stores the first time of reading. A repetition changes nothing."""
        if self.read_at is None:
            self.read_at = at
            self.save(update_fields=["read_at"])
