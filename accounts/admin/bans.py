"""The form of a ban, and the filter of lists by it."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import RadioFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.admin.confirmations import ReasonForm
from accounts.models.bans import banned, not_banned
from accounts.services import bans


class InstantInput(UnfoldAdminTextInputWidget):
    """The browser's own input of a date and a time."""

    input_type = "datetime-local"


class BanForm(ReasonForm):
    """The reason of a ban, and its end."""

    until = forms.DateTimeField(
        required=False, widget=InstantInput, help_text="UTC. Leave it empty for a ban without an end."
    )

    def clean_until(self) -> datetime | None:
        """The end, if ``bans.problem_of_end`` finds no problem."""
        until: datetime | None = self.cleaned_data["until"]
        if until and (problem := bans.problem_of_end(until, at=timezone.now())):
            raise forms.ValidationError(problem)
        return until


class BannedFilter(RadioFilter):
    """Users who are banned now, or who are not. ``path`` is the lookup from the row to the user."""

    title = "banned"
    parameter_name = "banned"
    path = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of the parameter; all of them for another value."""
        conditions = {"yes": banned(self.path), "no": not_banned(self.path)}
        condition = conditions.get(self.value() or "")
        return queryset.filter(condition) if condition else queryset


class BannedUserFilter(BannedFilter):
    """A ``BannedFilter`` of rows with a user."""

    path = "user__"
