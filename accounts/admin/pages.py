"""The base of the admin pages: lists without a full count, locked rows, and actions row by row."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action

from accounts.admin import confirmations
from accounts.admin.csv_export import UNREADABLE, CsvExportAdmin
from accounts.errors import LinguaFlexError

F = TypeVar("F", bound=Callable[..., HttpResponse])

logger = logging.getLogger(__name__)


def button(description: str, url_path: str, permission: str) -> Callable[[F], F]:
    """Makes a method a button of a row's page. ``permission`` as in ``has_<permission>_permission``."""
    made = action(description=description, url_path=url_path, permissions=[permission])
    return cast(Callable[[F], F], made)


class ListAdmin(CsvExportAdmin):
    """Pages whose list ignores parameters with impossible values, such as a year of eleven digits.

    Filters show no counts: ``?_facets=1`` would read every row of the table.
    """

    show_facets = ShowFacets.NEVER

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list. Invalid parameters redirect to the list without any, as Django does for unknown fields.

        An error with other causes is raised: of an action by this request, of a list by the redirected one.
        """
        try:
            response: HttpResponse = super().changelist_view(request, extra_context)
            if isinstance(response, TemplateResponse):
                response.render()  # which runs queries
        except UNREADABLE as error:
            if not request.GET.keys() - {ERROR_FLAG} or (request.method != "GET" and self._can_list(request)):
                raise
            logger.warning("The list %s ignores its parameters: %s", request.path, type(error).__name__)
            return redirect(f"{request.path}?{ERROR_FLAG}=1")
        return response

    def _can_list(self, request: HttpRequest) -> bool:
        """Whether the database accepts the parameters."""
        try:
            self.get_changelist_instance(request).queryset.exists()
        except (IncorrectLookupParameters, *UNREADABLE):
            return False
        return True

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Applies an action to the selected rows. Django would raise ValidationError for a malformed id."""
        try:
            for pk in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.to_python(pk)
        except ValidationError:
            self.message_user(request, "Select rows of this list.", messages.ERROR)
            return None
        response: HttpResponse | None = super().response_action(request, queryset)
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

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Refuses filters by rows that refer to this one: ``filed_reports=7`` would find the reporter."""
        name = lookup.partition("__")[0]
        hidden = {field.name for field in self.opts.get_fields() if not field.concrete} | {"password"}
        return name not in hidden and super().lookup_allowed(lookup, value, request)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The row. A POST that may change it locks it, so that the form overwrites no concurrent change.

        Any other request locks nothing, and reads only the columns of ``get_queryset``.
        """
        found = super().get_object(request, object_id, from_field)
        saving = request.method == "POST" and transaction.get_connection().in_atomic_block
        if found is None or not saving or not self.has_change_permission(request, found):
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

    def act_on_page(
        self,
        request: HttpRequest,
        object_id: str,
        act: Callable[[HttpRequest, QuerySet[Any]], HttpResponse | None],
        **question: str,
    ) -> HttpResponse:
        """Applies the action of a list to the row of a page, and returns to the page.

        ``question`` are the title and the effect of the confirmation, for an action that shows none itself.
        """
        row = self.row_of_page(request, object_id)
        rows = self.get_queryset(request).filter(pk=row.pk)
        if question and request.method != "POST":
            return confirmations.page(self, request, rows, **question)  # type: ignore[arg-type]
        return act(request, rows) or redirect(self.page_of(row))

    def buttons_of(self, row: Any) -> tuple[str, ...]:
        """The names of ``actions_detail`` that apply to the row."""
        return tuple(self.actions_detail)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """The buttons of a page that the member of staff may use and that apply to the row."""
        allowed = super().get_actions_detail(request, object_id)
        row = self.get_object(request, object_id) if allowed else None
        names = self.buttons_of(row) if row is not None else ()
        return [button for button in allowed if button.method.original_function_name in names]

    def row_of_page(self, request: HttpRequest, object_id: str) -> Any:
        """The row. Raises PermissionDenied for staff who may not view it, Http404."""
        row = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        return row

    def page_of(self, row: Any) -> str:
        """The path of the row's page."""
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=(quote(row.pk),))

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
                # Together, so that the deletion of an account, which empties the log, waits for both.
                with transaction.atomic():
                    change(row)
                    log(request, row, note)
            except LinguaFlexError as error:
                failures.setdefault(error.detail, []).append(str(row))
            else:
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
