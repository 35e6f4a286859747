"""Voice sessions in the admin, read-only. What was said, options and events are not shown."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.decorators import action

from accounts.admin import voice_usage
from accounts.admin.pages import StaffModelAdmin
from accounts.admin.site import site
from accounts.admin.users import matching
from accounts.models import User, VoiceSession


@admin.register(VoiceSession, site=site)
class VoiceSessionAdmin(StaffModelAdmin):
    """Every voice session. The page ``usage`` has the totals."""

    list_display = (
        "created_at",
        "user",
        "state",
        "transport",
        "minutes",
        "reported_tokens",
        "estimated_cost",
        "ends_at",
        "call_runs",
    )
    list_filter = ("state", "transport", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    search_help_text = "Name, profile, e-mail address or id of the user"
    actions_list = ("usage",)
    fields = (*list_display, "call_started_at", "hung_up_at", "reserved_minutes", "charged_minutes")
    readonly_fields = fields

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only the filters of the list: a filter of another column would tell its text letter by letter."""
        name = lookup.partition("__")[0]
        return name in (*self.list_filter, "user") and super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[VoiceSession]:
        """Every session with its minutes and its estimated cost, without private columns."""
        rows = VoiceSession.objects.with_minutes(timezone.now()).with_estimated_cost()
        return rows.defer("options", "topic").order_by(*self.ordering)

    @admin.display(ordering="minutes", description="minutes (reserved until charged)")
    def minutes(self, session: Any) -> int:
        """The charged minutes; the reserved ones while they are held."""
        return int(session.minutes)

    @admin.display(ordering="estimated_cost", description="estimated cost")
    def estimated_cost(self, session: Any) -> str:
        """The estimated cost of the charged minutes."""
        cost: Decimal | None = session.estimated_cost
        return voice_usage.dollars(cost)

    @admin.display(boolean=True, description="call is running")
    def call_runs(self, session: VoiceSession) -> bool | None:
        return session.call_runs

    @action(  # type: ignore[untyped-decorator]
        description="Usage and estimated cost", url_path="usage", permissions=["view"]
    )
    def usage(self, request: HttpRequest) -> TemplateResponse:
        """Totals per month, and per user and day of one month."""
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        context |= voice_usage.page(request.GET, at=timezone.now())
        return TemplateResponse(request, "accounts/admin/voice_usage.html", context)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[VoiceSession], search_term: str
    ) -> tuple[QuerySet[VoiceSession], bool]:
        """Sessions of the users whom the same search finds in the list of users."""
        if not search_term.strip("\x00 "):
            return queryset, False
        return queryset.filter(user__in=matching(User.objects.all(), search_term).values("pk")), False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    has_delete_permission = has_change_permission
