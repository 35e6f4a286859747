"""Voice sessions in the admin, read-only. Topic and turns are behind a form."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from accounts.admin import voice_usage
from accounts.admin.dialogues import dialogue
from accounts.admin.links import link
from accounts.admin.private_text import PrivateTextAdmin
from accounts.admin.site import site
from accounts.models import VoiceConversation, VoiceSession
from accounts.services import voice_saving
from accounts.values import realtime_turns
from accounts.values.transcripts import turns_of


@admin.register(VoiceSession, site=site)
class VoiceSessionAdmin(PrivateTextAdmin):
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
    people = ("user",)
    filtered = (*list_filter, "user")
    actions_list = ("usage", "export_csv")
    ordering = ("-created_at", "-pk")
    more_fields = ("saved_as", "call_started_at", "hung_up_at", "reserved_minutes", "charged_minutes")

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

    @admin.display(description="conversation")
    def saved_as(self, session: VoiceSession) -> str:
        """A link to the conversation of a saved session."""
        pk = VoiceConversation.objects.filter(session=session).values_list("pk", flat=True).first()
        if pk is None:
            return "-"
        return link(reverse("admin:accounts_voiceconversation_change", args=[pk]), pk)

    def texts(self, request: HttpRequest, row: VoiceSession) -> dict[str, Any]:
        """Topic and turns. The turns of a saved session are those of its conversation."""
        turns = realtime_turns.turns_of(voice_saving.stored_events(row))
        return {
            "rows": [("Topic", row.topic)],
            "heading": "Turns that are not saved yet",
            **dialogue(turns_of({"messages": turns})),
        }

    @action(  # type: ignore[untyped-decorator]
        description="Usage and cost", url_path="usage", permissions=["view"]
    )
    def usage(self, request: HttpRequest) -> TemplateResponse:
        """Totals per month, and per user and day of one month."""
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        context |= voice_usage.page(request.GET, at=timezone.now())
        return TemplateResponse(request, "accounts/admin/voice_usage.html", context)
