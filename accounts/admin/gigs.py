"""Gigs in the admin: found, corrected, suspended with a reason that the teacher is shown."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.admin.pages import StaffModelAdmin
from accounts.admin.site import site
from accounts.models import Gig, User
from accounts.services import gigs
from accounts.values import currencies


class GigForm(forms.ModelForm):  # type: ignore[type-arg]
    """The words and numbers of a gig."""

    def clean_currency(self) -> str:
        """A currency in use; refuses other letters as the API does."""
        currency: str = self.cleaned_data["currency"].upper()
        if currency not in currencies.CODES:
            raise forms.ValidationError("Use a currency's three letters, for instance EUR (ISO 4217).")
        return currency


class SuspensionForm(forms.Form):
    """Why gigs are suspended."""

    reason = forms.CharField(
        max_length=Gig._meta.get_field("suspension_reason").max_length,
        widget=UnfoldAdminTextareaWidget,
        help_text="The teacher is shown this.",
    )


@admin.register(Gig, site=site)
class GigAdmin(StaffModelAdmin):
    """Every gig in every status."""

    form = GigForm
    list_display = ("title", "by", "language", "price_per_session", "currency", "status", "created_at")
    list_filter = ("status", "currency", ("teacher", AutocompleteSelectFilter))
    list_select_related = ("teacher__user",)
    search_fields = ("title",)
    search_help_text = "Title, description, tags, language or teacher's name"
    actions = ("suspend", "lift_suspension")
    fields = (
        "teacher",
        "title",
        "description",
        "language",
        "price_per_session",
        "currency",
        "session_minutes",
        "what_is_included",
        "tags",
        "status",
        "suspended_at",
        "suspension_reason",
        "created_at",
        "updated_at",
    )
    readonly_fields = ("teacher", "tags", *fields[fields.index("status") :])

    @admin.display(description="teacher", ordering="teacher__user__name")
    def by(self, gig: Gig) -> User:
        """Whose it is."""
        return gig.teacher.user

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Gig], search_term: str
    ) -> tuple[QuerySet[Gig], bool]:
        """As the API searches: any case, without accents, each word somewhere."""
        return queryset.mentioning(search_term), False  # type: ignore[attr-defined]

    def has_suspend_permission(self, request: HttpRequest) -> bool:
        """Whether the member of staff may suspend and lift."""
        return request.user.has_perm("accounts.suspend_gig")

    @admin.action(description="Suspend with a reason", permissions=["suspend"])
    def suspend(self, request: HttpRequest, rows: QuerySet[Gig]) -> HttpResponse | None:
        """Asks for the reason, then suspends; a second time changes the reason."""
        form = SuspensionForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            return TemplateResponse(request, "accounts/admin/suspend.html", self._page(request, rows, form))
        reason, at = form.cleaned_data["reason"], timezone.now()
        self.apply_to_each(
            request,
            rows,
            lambda gig: gigs.suspend_gig(pk=gig.pk, reason=reason, at=at),
            f"Suspended: {reason}",
        )
        return None

    @admin.action(description="Lift the suspension", permissions=["suspend"])
    def lift_suspension(self, request: HttpRequest, rows: QuerySet[Gig]) -> None:
        """Gives the suspended ones of these back the status that they had."""
        suspended = rows.filter(status=Gig.Status.SUSPENDED)
        self.apply_to_each(
            request, suspended, lambda gig: gigs.lift_suspension(pk=gig.pk), "Suspension lifted"
        )

    def _page(self, request: HttpRequest, rows: QuerySet[Gig], form: SuspensionForm) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": "Suspend gigs",
            "opts": self.opts,
            "form": form,
            "count": rows.count(),
            "first": rows[:10],
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
        }
