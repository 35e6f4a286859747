"""Reports of users, gigs, messages and comments. People file them, staff handle them in the admin."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Case, Q, Value, When

from accounts.models.querysets import LockableQuerySet
from accounts.models.users import User

MAX_REPORT_CHARACTERS = 2_000
COPY_KEPT = timedelta(days=30)  # after the handling


class ReportQuerySet(LockableQuerySet["Report"]):
    def for_user(self, user: User) -> Self:
        """Reports filed by the user; the only way from the API to a report."""
        return self.filter(reporter=user)

    def about_user(self, user: User) -> Self:
        """Reports of the user, and of what belongs to the user."""
        return self.filter(reported_user=user)

    def seen_by(self, member: User) -> Self:
        """Reports for a member of staff: without those about the member, whose reporters stay unknown."""
        return self.exclude(reported_user=member)

    def about(self, kind: str, reported_id: str) -> Self:
        """Reports of one thing."""
        return self.filter(kind=kind, reported_id=reported_id)

    def of_same_thing(self, report: Report) -> Self:
        """Reports of the same thing, also this one."""
        return self.about(report.kind, report.reported_id)

    def related_to(self, report: Report) -> Self:
        """Other reports of the same thing or user, newest first, without their texts."""
        about = Q(pk=None)  # no report
        if report.reported_id:
            about |= Q(kind=report.kind, reported_id=report.reported_id)
        if report.reported_user_id:
            about |= Q(reported_user=report.reported_user_id)
        return self.filter(about).exclude(pk=report.pk).without_texts().newest_first()

    def open(self) -> Self:
        """Reports that wait for staff."""
        return self.filter(handled_at=None)

    def handled(self) -> Self:
        """Reports that staff have handled."""
        return self.filter(handled_at__isnull=False)

    def newest_first(self) -> Self:
        """Orders by ``created_at``, then by ``id``, both descending."""
        return self.order_by("-created_at", "-id")

    def with_state(self) -> Self:
        """Adds the column ``shown_state``, for lists without instances: an instance computes it."""
        is_open = When(handled_at=None, then=Value(Report.State.OPEN))
        handled = Value(Report.State.HANDLED)
        return self.annotate(shown_state=Case(is_open, default=handled, output_field=models.TextField()))

    def without_texts(self) -> Self:
        """Leaves out what the reporter wrote and the copy."""
        return self.defer("text", "copied_text")

    def with_people(self) -> Self:
        """Loads reporter, reported user and the member of staff in the same query."""
        return self.select_related("reporter", "reported_user", "handled_by")

    def with_expired_copy(self, at: datetime) -> Self:
        """Handled reports whose copy has to be removed at ``at``."""
        return self.filter(~Q(copied_text=""), handled_at__lte=at - COPY_KEPT)

    def close(self, *, action: str, by: User, reason: str, at: datetime) -> None:
        """Marks the reports as handled. The caller holds their locks."""
        self.update(action=action, handled_by=by, handling_reason=reason, handled_at=at)

    def forget_reporter(self) -> None:
        """Removes the reporter, and the reporter's text."""
        self.update(reporter=None, text="")

    def forget_reported(self) -> None:
        """Removes the ids of what was reported, the copy of its text, and the reason of the handling."""
        self.update(reported_user=None, reported_id="", copied_text="", handling_reason="")


class Report(models.Model):
    """A report of a user, a gig, a message or a comment. A reporter has one open report of each thing.

    ``reported_id`` is the id of the thing as text, without a foreign key, because the thing may be deleted
    before staff have handled the report. ``reported_user`` is the user, or the owner or author of the thing.
    Both are empty after the deletion of that account and the handling. ``copied_text`` is the text of the
    thing when it was reported, for staff, until COPY_KEPT after the handling. ``reporter`` is null after the
    deletion of that account.
    """

    class Kind(models.TextChoices):
        USER = "user", "User"
        GIG = "gig", "Gig"
        MESSAGE = "message", "Message"
        COMMENT = "comment", "Comment"

    class Reason(models.TextChoices):
        SPAM = "spam", "Spam"
        HARASSMENT = "harassment", "Harassment"
        SCAM = "scam", "Scam"
        INAPPROPRIATE = "inappropriate", "Inappropriate"
        OTHER = "other", "Other"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        HANDLED = "handled", "Handled"

    class Action(models.TextChoices):
        DISMISS = "dismiss", "Dismissed"
        WARN = "warn", "Warned"
        SUSPEND_GIG = "suspend_gig", "Gig suspended"
        REMOVE_MESSAGE = "remove_message", "Message removed"
        REMOVE_COMMENT = "remove_comment", "Comment removed"
        BAN = "ban", "Banned"

    kind = models.CharField(max_length=10, choices=Kind)
    reported_id = models.CharField(max_length=36, blank=True)
    reported_user = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="received_reports"
    )
    reporter = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="filed_reports",
        db_index=False,
    )
    reason = models.CharField(max_length=15, choices=Reason)
    text = models.TextField(max_length=MAX_REPORT_CHARACTERS, blank=True)
    copied_text = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="handled_reports",
        db_index=False,
    )
    action = models.CharField(max_length=15, choices=Action, blank=True)
    handling_reason = models.TextField(max_length=1000, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [("handle_report", "Can read and handle reports")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["user", "gig", "message", "comment"]), name="report_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=["spam", "harassment", "scam", "inappropriate", "other"]),
                name="report_reason_is_known",
            ),
            models.UniqueConstraint(
                fields=["reporter", "kind", "reported_id"],
                condition=Q(handled_at=None),
                name="report_open_once_per_reporter",
                violation_error_message="You have reported this already.",
            ),
            models.CheckConstraint(
                condition=Q(handled_at=None) ^ ~Q(action=""),
                name="report_is_handled_by_an_action",
                violation_error_message="A handled report has an action.",
            ),
        ]
        indexes = [
            # PostgreSQL puts nulls first in a descending order: the open reports.
            models.Index(fields=["-handled_at", "created_at", "id"], name="report_queue"),
            models.Index(fields=["reporter", "-created_at", "-id"], name="report_of_reporter"),
            models.Index(fields=["kind", "reported_id"], name="report_of_thing"),
            models.Index(
                fields=["handled_at"],
                condition=Q(handled_at__isnull=False) & ~Q(copied_text=""),
                name="report_with_copy",
            ),
        ]

    def __str__(self) -> str:
        return f"Report {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether the report waits for staff."""
        return self.handled_at is None

    @property
    def shown_state(self) -> str:
        """The state as the reporter sees it."""
        return Report.State.OPEN if self.is_open else Report.State.HANDLED

    def is_expired(self, *, at: datetime) -> bool:
        """Whether it was handled at least COPY_KEPT ago. Staff cannot read its texts any more."""
        return self.handled_at is not None and self.handled_at <= at - COPY_KEPT
