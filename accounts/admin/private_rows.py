"""The base of read-only pages of rows with private texts, which they neither show nor read."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import TextFilter

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.models import User
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


class TargetLanguageFilter(LanguageFilter):
    """A filter of conversations by the language that is learned."""

    column = "target_language_code"


class ConversationLanguageFilter(LanguageFilter):
    """A filter by the language that is learned in the row's conversation."""

    column = "conversation__target_language_code"


class PrivateRowsAdmin(ReadOnlyAdmin):
    """Read-only pages of rows with private texts.

    They show only ``list_display`` and, on the page of a row, ``more_fields``. They read only the columns
    among these, and ``loaded``: columns that methods in ``list_display`` use.
    """

    ordering: tuple[str, ...] = ("-pk",)
    more_fields: tuple[str, ...] = ()
    loaded: tuple[str, ...] = ()
    filtered: tuple[str, ...] = (
        "language",
        "created_at",
        "source",
        "state",
        "ended_at",
        "learner",
        "author",
        "teacher",
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*map(str, self.list_display), *self.more_fields)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[None, dict[str, Any]]]:
        return [(None, {"fields": self.get_readonly_fields(request, obj)})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        """The fields. People have no link if the viewer may not open their pages."""
        fields = self.get_fields(request, obj)
        if self.admin_site.get_model_admin(User).has_view_permission(request):
            return fields
        return tuple(without_link(name) if name in self.people else name for name in fields)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Every row, without its texts, and without those of the rows that it refers to."""
        names = [f"{path}__name" for path in self.people]
        columns = {field.name for field in self.opts.concrete_fields}
        shown = (*self.get_fields(request), *self.loaded)
        kept = columns.intersection(name.removesuffix("_id") for name in shown)
        rows: QuerySet[Any] = self.model._default_manager.select_related(*self.people)
        return rows.only("pk", *kept, *names).order_by(*self.ordering)


@cache
def without_link(name: str) -> Callable[[Any], str]:
    """A field with the person in the column ``name`` as text. unfold links columns of people."""

    @admin.display(description=name)
    def person(row: Any) -> str:
        return str(getattr(row, name) or "-")

    return person
