"""Gigs in the admin. Staff search, correct, suspend and delete them."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.actions import delete_selected
from django.db.models import Func, QuerySet, TextField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from accounts.admin import confirmations
from accounts.admin.pages import StaffModelAdmin, button
from accounts.admin.site import site
from accounts.models import Gig, User
from accounts.services import admin_log, gigs

SUSPENSION = (
    "{rows} will be hidden from everybody but the teacher and staff. The teacher can read the reason."
)


@admin.register(Gig, site=site)
class GigAdmin(StaffModelAdmin):
    """Every gig in every status. A suspended gig cannot be deleted."""

    list_display = ("title", "by", "language", "price", "currency", "status", "created_at")
    list_filter = ("status", "currency", ("teacher", AutocompleteSelectFilter))
    list_select_related = ("teacher__user",)
    search_fields = ("title",)
    search_help_text = "Title, description, tags, language or teacher's name"
    actions = ("suspend", "lift_suspension", "delete_selected")
    actions_detail = ("suspend_on_page", "lift_on_page")
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Gig]:
        """The gigs without the texts that searches read."""
        rows: QuerySet[Gig] = super().get_queryset(request)
        owners = ("teacher__search_text", "teacher__user__search_text")
        return rows.defer("search_text", "full_search_text", *owners)

    @admin.display(
        description="price per session",
        ordering=Func("currency", "price_per_session", function="row", output_field=TextField()),
    )
    def price(self, gig: Gig) -> Decimal:
        """The price. Its order is by currency first, because amounts of two currencies have no order."""
        return gig.price_per_session

    @admin.display(description="teacher", ordering="teacher__user__name")
    def by(self, gig: Gig) -> User:
        """The teacher's user."""
        return gig.teacher.user

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Gig], search_term: str
    ) -> tuple[QuerySet[Gig], bool]:
        """Searches as the API does: every word, ignoring case and accents."""
        return queryset.mentioning(search_term), False  # type: ignore[attr-defined]

    def has_suspend_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """True for staff who may suspend gigs and lift suspensions."""
        return request.user.has_perm("accounts.suspend_gig")

    def buttons_of(self, row: Gig) -> tuple[str, ...]:
        """A second suspension changes the reason."""
        return ("suspend_on_page", *(["lift_on_page"] if row.status == Gig.Status.SUSPENDED else []))

    @button("Suspend", "suspend", "suspend")
    def suspend_on_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.act_on_page(request, object_id, self.suspend)

    @button("Lift the suspension", "lift-suspension", "suspend")
    def lift_on_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.act_on_page(
            *(request, object_id, self.lift_suspension),
            title="Lift the suspension",
            effect="{rows} will have the status from before the suspension.",
        )

    @admin.action(description="Suspend with a reason", permissions=["suspend"])
    def suspend(self, request: HttpRequest, rows: QuerySet[Gig]) -> HttpResponse | None:
        """Shows a form for the reason, then suspends. Changes the reason of a suspended gig."""
        form = confirmations.ReasonForm.given(request)
        if not form.is_valid():
            return confirmations.page(
                *(self, request, rows), title="Suspend", effect=SUSPENSION, form=form, named=with_teacher
            )
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
        """Restores the status that each suspended gig had before. Leaves out other gigs."""
        suspended = rows.filter(status=Gig.Status.SUSPENDED)
        self.apply_to_each(
            request, suspended, lambda gig: gigs.lift_suspension(pk=gig.pk), "Suspension lifted"
        )

    @admin.action(description="Delete selected %(verbose_name_plural)s", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, rows: QuerySet[Gig]) -> HttpResponse | None:
        """Shows a confirmation page, then deletes. Suspended gigs remain, and a message names them."""
        if not request.POST.get("post"):
            return delete_selected(self, request, rows)
        self.delete_queryset(request, rows)
        return None

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Gig]) -> None:
        """Deletes the gigs one by one, because ``QuerySet.delete`` would delete suspended gigs too."""
        self.apply_to_each(
            request,
            queryset,
            lambda gig: gigs.delete_gig_as_staff(pk=gig.pk),
            "Deleted",
            log=lambda request, gig, note: self.log_deletions(request, [gig]),
        )

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Gig]) -> None:
        """Records deletions with the owners' ids, by which the deletion of an account finds them."""
        for gig in queryset:
            admin_log.record_gig_deletion(gig=gig, by=cast(User, request.user))

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        """The confirmation of a deletion. Raises Conflict if the gig is suspended."""
        context["object"].check_deletable()
        response: HttpResponse = super().render_delete_form(request, context)
        return response


def with_teacher(gig: Gig) -> str:
    """The gig's title and the teacher's name."""
    return f"{gig} ({gig.teacher.user})"
