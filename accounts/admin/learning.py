"""Corrections, cards, comments and shares in the admin, read-only. Their texts are behind a form."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.private_rows import ConversationLanguageFilter, LanguageFilter, PrivateRowsAdmin
from accounts.admin.private_text import PrivateTextAdmin
from accounts.admin.site import site
from accounts.models import Card, Comment, Correction, Share, User


@admin.register(Correction, site=site)
class CorrectionAdmin(PrivateTextAdmin):
    """Every correction."""

    people = ("learner", "author")
    list_display = (
        *("created_at", "learner", "author", "source", "language_code"),
        *("conversation_id", "turn", "message_id", "outdated_at"),
    )
    list_filter = ("source", LanguageFilter, "created_at")

    def texts(self, request: HttpRequest, row: Correction) -> dict[str, Any]:
        return {
            "rows": [("Quote", row.quote), ("Corrected", row.corrected), ("Explanation", row.explanation)]
        }


@admin.register(Card, site=site)
class CardAdmin(PrivateTextAdmin):
    """Every card."""

    people = ("learner",)
    list_display = (
        *("created_at", "learner", "language_code", "state", "due_at", "number_of_reviews"),
        *("last_reviewed_at", "suspended_at", "edited_at"),
    )
    list_filter = ("state", LanguageFilter, "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Card]:
        """Every card without its texts, and with the number of its reviews."""
        rows: Any = super().get_queryset(request)
        counted: QuerySet[Card] = rows.with_review_count()
        return counted

    @admin.display(ordering="review_count", description="reviews")
    def number_of_reviews(self, card: Any) -> int:
        """The number of reviews."""
        return int(card.review_count)

    def texts(self, request: HttpRequest, row: Card) -> dict[str, Any]:
        return {"rows": [("Front", row.front), ("Back", row.back), ("Note", row.note)]}


@admin.register(Comment, site=site)
class CommentAdmin(PrivateTextAdmin):
    """Every comment of a teacher."""

    people = ("author", "conversation__user")
    list_display = ("created_at", "author", "learner", "conversation_id", "turn", "edited_at")
    list_filter = (ConversationLanguageFilter, "created_at")

    @admin.display(ordering="conversation__user__name", description="learner")
    def learner(self, comment: Comment) -> User:
        """The user of the conversation."""
        return comment.conversation.user

    def texts(self, request: HttpRequest, row: Comment) -> dict[str, Any]:
        return {"rows": [("Quote", row.quote), ("Corrected", row.corrected), ("Comment", row.text)]}


@admin.register(Share, site=site)
class ShareAdmin(PrivateRowsAdmin):
    """Every share, also those that have ended."""

    people = ("learner", "teacher")
    list_display = ("created_at", "learner", "teacher", "conversation_id", "ended_at")
    list_filter = (("ended_at", admin.EmptyFieldListFilter), ConversationLanguageFilter, "created_at")
