"""The page that staff confirm before a change, for rows of a list and for one row on its own page."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models.validators import validate_not_blank

NAMED_ROWS = 10  # of the rows, so many are named


class ReasonForm(forms.Form):
    """A form with a required reason. ``given`` distinguishes it from the POST that opens the page."""

    reason = forms.CharField(
        max_length=1000, widget=UnfoldAdminTextareaWidget, validators=[validate_not_blank]
    )

    @classmethod
    def given(cls, request: HttpRequest, **options: Any) -> "ReasonForm":
        """The form as sent; unbound in a request that does not send it."""
        return cls(request.POST if "reason" in request.POST else None, **options)


def page(
    admin: ModelAdmin,
    request: HttpRequest,
    rows: QuerySet[Any],
    *,
    title: str,
    effect: str,
    form: forms.Form | None = None,
    named: Callable[[Any], str] = str,
) -> TemplateResponse:
    """The page. ``effect`` says what happens to ``{rows}``; ``title`` is also the text of the button."""
    count = rows.count()
    name = admin.opts.verbose_name if count == 1 else admin.opts.verbose_name_plural
    first = list(rows[:NAMED_ROWS])
    context = {
        **admin.admin_site.each_context(request),
        "title": title,
        "effect": effect.format(rows=f"{count} {name}"),
        "opts": admin.opts,
        "form": form or (),
        "count": count,
        "first": [named(row) for row in first],
        "others": count - len(first),
        "hidden": list(_selection(request)),
        # The row's own page has the confirmation below its path.
        "back": request.get_full_path() if "action" in request.POST else "../change/",
    }
    return TemplateResponse(request, "accounts/admin/confirm.html", context)


def _selection(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields by which a list repeats its action with the same rows; none on a row's own page."""
    names = ("action", "select_across", ACTION_CHECKBOX_NAME)
    return [(name, value) for name in names for value in request.POST.getlist(name)]
