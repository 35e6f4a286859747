"""Reports in the admin: the queue, the page of a report, and the pages of its actions."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from unfold.contrib.filters.admin import RadioFilter

from accounts.admin import confirmations, report_actions, report_pages
from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.report_actions import Step
from accounts.admin.site import site
from accounts.errors import LinguaFlexError
from accounts.models import Report, User
from accounts.services import private_text, report_handling, reported_things


class StateFilter(RadioFilter):
    """Reports in one state."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Report.State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The reports in the state of the parameter; all of them for another value."""
        if self.value() not in Report.State.values:
            return queryset
        return queryset.filter(handled_at__isnull=self.value() == Report.State.OPEN)


@admin.register(Report, site=site)
class ReportAdmin(ReadOnlyAdmin):
    """Every report, the open ones first. Texts are on the page of a report, after the reading is logged."""

    ordering = ("-handled_at", "created_at", "pk")  # PostgreSQL puts nulls first
    people = ("reported_user", "reporter")
    list_display = ("created_at", "state", "kind", "reason", "reported_user", "reporter", "result")
    list_filter = (StateFilter, "kind", "reason", "created_at")
    list_select_related = people
    filtered = ("state", "kind", "reason", "created_at", *people)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        """Every report without its texts, except for those about the member of staff."""
        seen = Report.objects.seen_by(cast(User, request.user))
        return seen.with_people().without_texts().order_by(*self.ordering)

    @admin.display(ordering="-handled_at")
    def state(self, report: Report) -> str:
        """Open or handled."""
        return str(Report.State(report.shown_state).label)

    @admin.display(ordering="action")
    def result(self, report: Report) -> str:
        """What staff have done."""
        return report.get_action_display() or "-"

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether the member of staff may handle reports: there is no other permission to view them."""
        return request.user.has_perm("accounts.handle_report")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """The pages of a report: its texts, and one for each action."""
        view = self.admin_site.admin_view
        pages = [path("<int:pk>/read/", view(self.read_view), name="accounts_report_read")]
        pages += [
            path(f"<int:pk>/{step.slug}/", view(self.action_view), {"slug": step.slug}, step.url_name)
            for step in report_actions.STEPS
        ]
        return [*pages, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of a report, without its texts. It takes no form."""
        report_actions.refuse_unless(request.method != "POST")
        return self._page(request, self._report(request, object_id))

    def read_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Logs the reading, then shows the page with the texts. A GET shows the page without them.

        An expired report has the page without texts only.
        """
        report = self._report(request, pk)
        if request.method != "POST" or report.is_expired(at=timezone.now()):
            return redirect(report_pages.address_of(report))
        private_text.record_reading(
            by=cast(User, request.user),
            row=reported_things.read_row(report),
            owner=report.reported_user,
            why=f"Report {report.pk}: {report.get_reason_display()}",
        )
        return self._page(request, report, texts=report_pages.texts_of(report.pk))

    def action_view(self, request: HttpRequest, pk: int, slug: str) -> HttpResponse:
        """Asks for the reason of an action, then handles the report."""
        report, step = self._report(request, pk), report_actions.step_of(slug)
        report_actions.refuse_unless(step.is_allowed(request))
        form = step.form.given(request)
        if not form.is_valid() and not report_handling.refusal_of(report, step.action):
            rows = Report.objects.without_texts().with_people().filter(pk=report.pk)
            question = {"title": step.label, "effect": f"{step.effect} {report_actions.CLOSES}"}
            return confirmations.page(self, request, rows, form=form, named=report_pages.summary, **question)
        self._handle(request, report, step, form)
        return redirect(report_pages.address_of(report))

    def _handle(self, request: HttpRequest, report: Report, step: Step, form: Any) -> None:
        """Handles the report as the form says. A message shows the result, or why it was refused."""
        try:
            if refusal := report_handling.refusal_of(report, step.action):
                raise refusal
            decision = step.decision(request, form)
            closed = report_handling.handle_report(pk=report.pk, decision=decision, at=timezone.now())
        except LinguaFlexError as error:
            self.message_user(request, error.detail, messages.ERROR)
        else:
            name = "report" if closed == 1 else "reports"
            self.message_user(request, f"{step.action.label} ({closed} {name} closed)", messages.SUCCESS)

    def _report(self, request: HttpRequest, pk: Any) -> Report:
        """The report without its texts. Raises PermissionDenied, Http404."""
        report_actions.refuse_unless(self.has_view_permission(request))
        report = self.get_object(request, str(pk))
        if report is None:
            raise Http404
        return cast(Report, report)

    def _page(self, request: HttpRequest, report: Report, texts: Any = None) -> TemplateResponse:
        exists = reported_things.exists(report)
        context = {
            **self._context(request, report, str(report)),
            "facts": report_pages.facts(request, report, exists=exists),
            "history": report_pages.history(report),
            "steps": report_actions.allowed_steps(request, report),
            "texts": texts,
            "is_expired": report.is_expired(at=timezone.now()),
        }
        return TemplateResponse(request, "accounts/admin/report.html", context)

    def _context(self, request: HttpRequest, report: Report, title: str) -> dict[str, Any]:
        common = self.admin_site.each_context(request)
        return {**common, "title": title, "opts": self.opts, "report": report}
