"""Jobs of AI feedback in the admin, read-only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.admin.ask_again import AskAgain
from accounts.admin.links import link
from accounts.admin.private_rows import TargetLanguageFilter
from accounts.admin.site import site
from accounts.models import FeedbackJob


@admin.register(FeedbackJob, site=site)
class FeedbackJobAdmin(AskAgain):
    """Every conversation whose feedback was requested. ``updated_at``: when it was, or ended."""

    people = ("user",)
    list_display = (
        *("updated_at", "user", "feedback_status", "feedback_attempts", "age", "feedback_due_at"),
        *("feedback_error", "conversation"),
    )
    list_filter = ("feedback_status", TargetLanguageFilter, "updated_at")
    filtered = ("feedback_status", "language", "updated_at", "created_at", "user")
    date_hierarchy = "updated_at"
    actions_detail = ("ask_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeedbackJob]:
        rows: Any = super().get_queryset(request)
        requested: QuerySet[FeedbackJob] = rows.requested()
        return requested

    @admin.display(description="waiting for", ordering="updated_at")
    def age(self, job: FeedbackJob) -> str:
        """The time since the request of a queued job, without a part of a second."""
        if job.feedback_status != FeedbackJob.FeedbackStatus.QUEUED:
            return ""
        return str(timedelta(seconds=int((timezone.now() - job.updated_at).total_seconds())))

    @admin.display(description="conversation", ordering="pk")
    def conversation(self, job: FeedbackJob) -> str:
        """A link to the page of the conversation."""
        return link(reverse("admin:accounts_voiceconversation_change", args=[job.pk]), job.pk)
