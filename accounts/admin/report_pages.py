"""What the page of a report shows: its facts, its history, and its texts after the reading is logged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.dialogues import instant, note_of
from accounts.admin.links import link
from accounts.admin.site import site
from accounts.models import Message, Report, User
from accounts.services import admin_log, reported_things

ROWS_OF_HISTORY = 20
MESSAGES_AROUND = 5  # before the reported one, and as many after it


@dataclass(frozen=True)
class Line:
    """A message on the page."""

    sender: str
    note: str
    text: str
    is_reported: bool


def facts(request: HttpRequest, report: Report, *, exists: bool) -> dict[str, Any]:
    """A table of label and value."""
    found = [
        ("Reported", reported_link(request, report) if exists else f"{name_of(report)} (deleted)"),
        ("Reported person", person(request, report.reported_user)),
        ("Reason", report.get_reason_display()),
        ("Reporter", person(request, report.reporter)),
        ("Reported at", instant(report.created_at)),
        ("State", Report.State(report.shown_state).label),
    ]
    if report.handled_at:
        found += [
            ("Handled at", instant(report.handled_at)),
            ("Handled by", person(request, report.handled_by)),
            ("Action", report.get_action_display()),
            ("Reason of the action", report.handling_reason or "-"),
        ]
    return {"rows": found}


def history(report: Report) -> dict[str, dict[str, Any]]:
    """Tables of other reports of the same thing and person, and of the admin's log about the person."""
    return {
        "Other reports of the same thing or person": {
            "headers": ("Report", "Reported at", "Reported", "Reason", "Result"),
            "rows": [row_of_report(other) for other in Report.objects.related_to(report)[:ROWS_OF_HISTORY]],
        },
        "Log of the person": {
            "headers": ("Time", "By", "About", "Change"),
            "rows": [row_of_log(entry) for entry in log_of(report.reported_user_id)[:ROWS_OF_HISTORY]],
        },
    }


def row_of_report(report: Report) -> tuple[str, ...]:
    """The cells of a report in the history of another one."""
    return (
        link(address_of(report), report),
        instant(report.created_at),
        name_of(report),
        report.get_reason_display(),
        report.get_action_display() or "Open",
    )


def log_of(pk: UUID | None) -> Sequence[LogEntry] | QuerySet[LogEntry]:
    """The entries of the admin's log about a user."""
    return admin_log.entries_about(pk) if pk else ()


def row_of_log(entry: LogEntry) -> tuple[str, ...]:
    """The cells of an entry of the admin's log."""
    about = f"{about_of(entry)}: {entry.object_repr}"
    return instant(entry.action_time), str(entry.user), about, entry.get_change_message() or "-"


def texts_of(pk: int) -> dict[str, Any]:
    """The private texts of a report. The caller has logged the reading."""
    report = Report.objects.with_people().get(pk=pk)
    thing = reported_things.existing_thing(report)
    return {
        "reporter": report.text,
        "copy": report.copied_text,
        "now": thing.text if thing else None,
        "messages": messages_around(report) if report.kind == Report.Kind.MESSAGE else [],
    }


def messages_around(report: Report) -> list[Line]:
    """The reported message, with up to MESSAGES_AROUND before it and after it."""
    found = Message.objects.filter(pk=report.reported_id).first() if report.reported_id else None
    if found is None:
        return []
    rows = Message.objects.in_chat(found.chat_id).around(found.seq, MESSAGES_AROUND).select_related("sender")
    return [
        Line(str(row.sender), note_of(row), row.content, is_reported=row.pk == found.pk)
        for row in rows.order_by("seq")
    ]


def about_of(entry: LogEntry) -> str:
    """The kind of row of an entry of the admin's log."""
    return entry.content_type.name.capitalize() if entry.content_type else "-"


def name_of(report: Report) -> str:
    """Kind and id of what is reported."""
    return f"{report.get_kind_display()} {report.reported_id}".strip()


def summary(report: Report) -> str:
    """The report, what is reported, and its owner."""
    return f"{report}: {name_of(report)}, {report.reported_user or 'a deleted user'}"


def reported_link(request: HttpRequest, report: Report) -> str:
    """What is reported, as a link to its page if there is one that the member of staff may view."""
    pages = {model._meta.model_name: pages for model, pages in site._registry.items()}.get(report.kind)
    if pages is None or not pages.has_view_permission(request):
        return name_of(report)
    return link(reverse(f"admin:accounts_{report.kind}_change", args=[report.reported_id]), name_of(report))


def person(request: HttpRequest, user: User | None) -> str:
    """The name of a user, as a link if the member of staff may view users."""
    if user is None:
        return "-"
    if not site.get_model_admin(User).has_view_permission(request):
        return str(user)
    return link(reverse("admin:accounts_user_change", args=[user.pk]), user)


def address_of(report: Report) -> str:
    """The path of the report's page."""
    return reverse("admin:accounts_report_change", args=[report.pk])
