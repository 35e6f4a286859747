"""Corrections, cards, comments and shares in the admin, read-only and without their texts."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import TextFilter

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.site import site
from accounts.models import Card, Comment, Correction, Share, User
from accounts.values import languages


class LanguageFilter(TextFilter):
    """A filter by language, in any spelling. ``column`` has the language codes."""

    title = "language"
    parameter_name = "language"
    column = "language_code"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows in the language of the parameter; all of them without one."""
        text = (self.value() or "").replace("\x00", "").strip()
        return queryset.filter(**{self.column: languages.code_of(text)}) if text else queryset


class ConversationLanguageFilter(LanguageFilter):
    """A filter by the language that is learned in the row's conversation."""

    column = "conversation__target_language_code"


class PrivateRowsAdmin(ReadOnlyAdmin):
    """Read-only pages of rows with private texts, of which they show only ``list_display``."""

    ordering: tuple[str, ...] = ("-pk",)
    filtered = ("language", "created_at", "source", "state", "ended_at", "learner", "author", "teacher")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The columns of the list."""
        return tuple(map(str, self.list_display))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Every row, without its texts, and without those of the rows that it refers to."""
        names = [f"{path}__{name}" for path in self.people for name in ("name", "email")]
        columns = {field.name for field in self.opts.concrete_fields}
        kept = columns.intersection(str(name).removesuffix("_id") for name in self.list_display)
        rows: QuerySet[Any] = self.model._default_manager.select_related(*self.people)
        return rows.only("pk", *kept, *names).order_by(*self.ordering)


@admin.register(Correction, site=site)
class CorrectionAdmin(PrivateRowsAdmin):
    """Every correction."""

    people = ("learner", "author")
    list_display = (
        *("created_at", "learner", "author", "source", "language_code"),
        *("conversation_id", "turn", "message_id", "outdated_at"),
    )
    list_filter = ("source", LanguageFilter, "created_at")


@admin.register(Card, site=site)
class CardAdmin(PrivateRowsAdmin):
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


@admin.register(Comment, site=site)
class CommentAdmin(PrivateRowsAdmin):
    """Every comment of a teacher."""

    people = ("author", "conversation__user")
    list_display = ("created_at", "author", "learner", "conversation_id", "turn", "edited_at")
    list_filter = (ConversationLanguageFilter, "created_at")

    @admin.display(ordering="conversation__user__name", description="learner")
    def learner(self, comment: Comment) -> User:
        """The user of the conversation."""
        return comment.conversation.user


@admin.register(Share, site=site)
class ShareAdmin(PrivateRowsAdmin):
    """Every share, also those that have ended."""

    people = ("learner", "teacher")
    list_display = ("created_at", "learner", "teacher", "conversation_id", "ended_at")
    list_filter = (("ended_at", admin.EmptyFieldListFilter), ConversationLanguageFilter, "created_at")
