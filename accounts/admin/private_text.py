"""The page with the private texts of one row, behind a form that asks why."""

from __future__ import annotations

import uuid
from operator import attrgetter
from typing import Any, cast

from django import forms
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.admin import shown_parts
from accounts.admin.private_rows import PrivateRowsAdmin
from accounts.models import PrivateTextReading, User
from accounts.models.validators import validate_not_blank
from accounts.services import private_text

OPEN_FORMS = "forms_of_private_text"  # in the session: the forms that were shown and not sent yet
MAX_OPEN_FORMS = 20


class ReadingForm(forms.Form):
    """Why a member of staff reads the text."""

    why = forms.CharField(
        label="Why do you read this?",
        max_length=PrivateTextReading._meta.get_field("why").max_length,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        validators=[validate_not_blank],
        help_text="Stored with your name, the name of the person and the time. Nobody can change it.",
    )


class PrivateTextAdmin(PrivateRowsAdmin):
    """Pages of rows whose texts are shown once, after the reading is logged."""

    actions_detail: tuple[str, ...] = ("read_text",)
    text_template = "accounts/admin/private_text.html"

    def owners(self, row: Any) -> list[User]:
        """The users whose texts the row has: its ``people``. The reading is logged for each."""
        found = (attrgetter(path.replace("__", "."))(row) for path in self.people)
        return list(dict.fromkeys(owner for owner in found if owner is not None))

    def texts(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """The context of ``text_template``; called after the reading is logged.

        The page shows the first part of ``rows`` (labels and texts).
        """
        raise NotImplementedError

    def has_read_text_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the member of staff may view the row and read private texts."""
        return self.has_view_permission(request) and request.user.has_perm("accounts.read_private_text")

    @action(  # type: ignore[untyped-decorator]
        description="Read the private text", url_path="text", permissions=["read_text"], icon="visibility"
    )
    def read_text(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks why, logs the reading, then reads the texts and shows them once."""
        row = self.row_of_page(request, object_id)
        form = ReadingForm(request.POST or None)
        if form.is_valid() and close_form(request):
            self._log(request, row, form.cleaned_data["why"])
            context = self.texts(request, self._with_texts(row))
            context["rows"], context["rest_of_rows"] = shown_parts.first_fields(context.get("rows", ()))
            template = self.text_template
        else:
            form = form if form.errors else ReadingForm()
            context = {"form": form, "key": open_form(request)}
            template = "accounts/admin/private_text_form.html"
        response = TemplateResponse(request, template, self._page(request, row) | context)
        response["Cache-Control"] = "no-store"
        return response

    def _log(self, request: HttpRequest, row: Any, why: str) -> None:
        for owner in self.owners(row):
            private_text.record_reading(by=cast(User, request.user), row=row, owner=owner, why=why)

    def _with_texts(self, row: Model) -> Any:
        """The row with all columns. Raises Http404 if it was deleted meanwhile."""
        found = self.model._default_manager.select_related(*self.people).filter(pk=row.pk).first()
        if found is None:
            raise Http404
        return found

    def _page(self, request: HttpRequest, row: Model) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": f"Private text of {self.opts.verbose_name} {row.pk}",
            "opts": self.opts,
            "row": row,
            "owners": self.owners(row),
        }


def open_form(request: HttpRequest) -> str:
    """The key of a new form. The session keeps the last MAX_OPEN_FORMS keys."""
    key = uuid.uuid4().hex
    request.session[OPEN_FORMS] = [*request.session.get(OPEN_FORMS, []), key][-MAX_OPEN_FORMS:]
    return key


def close_form(request: HttpRequest) -> bool:
    """Whether the sent form was open. It is not open any more: a reload of the text shows a new form."""
    keys, key = request.session.get(OPEN_FORMS, []), request.POST.get("form", "")
    request.session[OPEN_FORMS] = [other for other in keys if other != key]
    return key in keys
