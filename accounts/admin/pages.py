"""The base of the admin pages: lists without a full count, locked rows, and actions row by row."""

import logging
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.views.main import ERROR_FLAG
from django.db import DataError, ProgrammingError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin

from accounts.errors import LinguaFlexError

# What Django and PostgreSQL raise for lookups and values that do not fit the column.
UNREADABLE = (ValueError, TypeError, IndexError, OverflowError, DataError, ProgrammingError)

logger = logging.getLogger(__name__)


class ListAdmin(ModelAdmin):
    """Pages whose list ignores parameters with impossible values, such as a year of eleven digits."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list. Invalid parameters redirect to the list without any, as Django does for unknown fields.

        An error that does not depend on the parameters is raised there.
        """
        try:
            response: HttpResponse = super().changelist_view(request, extra_context)
            if isinstance(response, TemplateResponse):
                response.render()  # which runs queries
        except UNREADABLE as error:
            if request.method != "GET" or not request.GET.keys() - {ERROR_FLAG}:
                raise
            logger.warning("The list %s ignores its parameters: %s", request.path, type(error).__name__)
            return redirect(f"{request.path}?{ERROR_FLAG}=1")
        return response


class StaffModelAdmin(ListAdmin):
    """Pages of rows that users create over the API. Staff can read and change rows, but not add them."""

    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = True
    ordering: tuple[str, ...] = ("-created_at", "-pk")
    date_hierarchy = "created_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The row. In a POST it is locked, so that the form overwrites no concurrent change."""
        found = super().get_object(request, object_id, from_field)
        saving = request.method == "POST" and transaction.get_connection().in_atomic_block
        if found is None or not saving:
            return found
        return self.model._default_manager.select_for_update(no_key=True).filter(pk=found.pk).first()

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page that deletes one row. Shows a LinguaFlexError as a message."""
        try:
            response: HttpResponse = super().delete_view(request, object_id, extra_context)
        except LinguaFlexError as error:
            self.message_user(request, error.detail, messages.ERROR)
            return redirect(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return response

    def apply_to_each(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        change: Callable[[Any], object],
        note: str,
        log: Callable[[HttpRequest, Any, str], object] | None = None,
    ) -> None:
        """Calls ``change`` for each row, and shows the number of changed rows.

        ``log`` writes the admin's log, by default ``log_change``. After a LinguaFlexError the other rows
        are still changed; a message names the rows that failed.
        """
        log = log or self.log_change
        done, failures = 0, dict[str, list[str]]()
        for row in rows.iterator(chunk_size=500):
            try:
                change(row)
            except LinguaFlexError as error:
                failures.setdefault(error.detail, []).append(str(row))
            else:
                log(request, row, note)
                done += 1
        name = self.opts.verbose_name if done == 1 else self.opts.verbose_name_plural
        self.message_user(request, f"{note} ({done} {name})", messages.SUCCESS if done else messages.INFO)
        for detail, names in failures.items():
            self.message_user(
                request, f"{len(names)} not completed: {first_of(names)}. {detail}", messages.ERROR
            )


def logged_already(request: HttpRequest, row: Any, note: str) -> None:
    """The ``log`` of changes that their service records."""


def first_of(names: list[str], most: int = 5) -> str:
    """The first ``most`` names, followed by "..." if there are more."""
    return ", ".join(names[:most]) + (" ..." if len(names) > most else "")
