"""What the pages of the admin share: lists of fixed cost, rows under lock, one row at a time."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.errors import LinguaFlexError


class StaffModelAdmin(ModelAdmin):
    """Pages of rows that people make elsewhere: staff look, correct and act, but add nothing."""

    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = True
    ordering = ("-created_at", "-pk")
    date_hierarchy = "created_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never: see the class."""
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The row; locked while a form is saved, so that it overwrites no change made meanwhile."""
        found = super().get_object(request, object_id, from_field)
        saving = request.method == "POST" and transaction.get_connection().in_atomic_block
        if found is None or not saving:
            return found
        return self.model._default_manager.select_for_update(no_key=True).filter(pk=found.pk).first()

    def apply_to_each(
        self, request: HttpRequest, rows: QuerySet[Any], change: Callable[[Any], object], note: str
    ) -> None:
        """Makes a change of each row, noted in the admin's log; a failure stops none of the others."""
        done, failures = 0, dict[str, list[str]]()
        for row in rows.iterator(chunk_size=500):
            try:
                change(row)
            except LinguaFlexError as error:
                failures.setdefault(error.detail, []).append(str(row))
            else:
                self.log_change(request, row, note)
                done += 1
        name = self.opts.verbose_name if done == 1 else self.opts.verbose_name_plural
        self.message_user(request, f"{note} ({done} {name})", messages.SUCCESS if done else messages.INFO)
        for detail, names in failures.items():
            self.message_user(
                request, f"{len(names)} not completed: {named(names)}. {detail}", messages.ERROR
            )


def named(names: list[str], most: int = 5) -> str:
    """The first few names, and that there are more."""
    return ", ".join(names[:most]) + (" ..." if len(names) > most else "")
