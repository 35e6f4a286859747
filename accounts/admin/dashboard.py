"""The dashboard: figures of all people, and what waits. Each links to its list, if the viewer may view it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from accounts.admin.links import list_address
from accounts.admin.site import site
from accounts.admin.voice_usage import dollars
from accounts.models import User, VoiceConversation
from accounts.services import dashboard
from accounts.services.dashboard import Week

UNKNOWN = "?"  # the query took too long
FIRST_COLOUR, SECOND_COLOUR = "var(--color-primary-600)", "var(--color-green-500)"


@dataclass(frozen=True)
class Box:
    """A figure. ``link`` is empty if the viewer may not view its list."""

    title: str
    value: str
    note: str
    link: str


@dataclass(frozen=True)
class Bar:
    """A bar, as long as ``percent`` of the longest one. ``link`` as in Box."""

    title: str
    value: str
    percent: int
    link: str


def page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The context of the dashboard. unfold calls this with that of every page (DASHBOARD_CALLBACK)."""
    at = timezone.now()
    found = dashboard.figures(at=at, viewer=cast(User, request.user))
    types = dict(VoiceConversation.Type.choices)
    return context | {
        "title": "Dashboard",
        "boxes": [*people_boxes(request, found.numbers, at), *work_boxes(request, found.numbers, at)],
        "minutes": chart(found.weeks, minutes=FIRST_COLOUR),
        "scores": chart(found.weeks, grammar_score=FIRST_COLOUR, pronunciation_score=SECOND_COLOUR),
        "languages": bars(
            (spelling, total, list_link(request, "voiceconversation", language=code))
            for code, spelling, total in found.languages
        ),
        "types": bars(
            (types[name], total, list_link(request, "voiceconversation", conversation_type__exact=name))
            for name, total in found.types
        ),
    }


def people_boxes(request: HttpRequest, numbers: dict[str, Any], at: datetime) -> list[Box]:
    """People, and what they have practised in the last days."""
    period = f"in the last {dashboard.RECENT_DAYS} days"
    since = dashboard.start_of(dashboard.recent_day(at))
    people = list_link(request, "user", deleted_at__isempty=1)
    conversations = list_link(request, "voiceconversation", created_at__gte=since)
    return [
        Box("People", number(numbers, "people"), f"{number(numbers, 'new_people')} new {period}", people),
        Box("Active learners", number(numbers, "learners"), period, conversations),
        Box("Conversations", number(numbers, "conversations"), period, conversations),
        Box("Minutes", number(numbers, "minutes"), f"of conversations {period}", conversations),
    ]


def work_boxes(request: HttpRequest, numbers: dict[str, Any], at: datetime) -> list[Box]:
    """What waits for staff or for a worker, and the cost."""
    reports = list_link(request, "report", state="open")
    failed = list_link(request, "feedbackjob", feedback_status__exact="failed")
    queued = list_link(request, "feedbackjob", feedback_status__exact="queued")
    oldest_report, oldest_job = (age(numbers, f"oldest_{name}_at", at) for name in ("report", "job"))
    jobs, minutes = number(numbers, "jobs"), number(numbers, "month_minutes")
    return [
        Box("Reports waiting", number(numbers, "reports"), f"oldest: {oldest_report}", reports),
        Box("Failed feedback", number(numbers, "failed_feedback"), "AI feedback that failed", failed),
        Box("Oldest waiting job", oldest_job, f"of {jobs} due jobs", queued),
        Box("Voice cost this month", cost(numbers), f"estimated, {minutes} minutes", usage_link(request, at)),
    ]


def number(numbers: dict[str, Any], name: str) -> str:
    """The number with separators."""
    return f"{numbers[name]:,}" if name in numbers else UNKNOWN


def cost(numbers: dict[str, Any]) -> str:
    """The estimated cost of the month."""
    return dollars(numbers["month_cost"]) if "month_cost" in numbers else UNKNOWN


def age(numbers: dict[str, Any], name: str, at: datetime) -> str:
    """The time since an instant, such as "3 minutes"; a dash if there is none."""
    if name not in numbers:
        return UNKNOWN
    instant = numbers[name]
    return timesince(datetime.fromisoformat(instant), at, depth=1) if instant else "-"


def list_link(request: HttpRequest, name: str, **filters: Any) -> str:
    """The address of the filtered list of a model; empty if the viewer may not view it."""
    pages = next((pages for model, pages in site._registry.items() if model._meta.model_name == name), None)
    if pages is None or not pages.has_view_permission(request):
        return ""
    return f"{list_address(pages)}?{urlencode(filters)}"


def usage_link(request: HttpRequest, at: datetime) -> str:
    """The address of the usage of voice sessions in the current month; empty as in ``list_link``."""
    address = reverse("admin:accounts_voicesession_usage")
    return f"{address}?month={at:%Y-%m}" if list_link(request, "voicesession") else ""


def bars(rows: Iterable[tuple[str, int, str]]) -> list[Bar]:
    """A bar for each title with a total and a link. The first total is the largest."""
    found = list(rows)
    return [Bar(title, f"{total:,}", round(100 * total / found[0][1]), link) for title, total, link in found]


def chart(weeks: Sequence[Week], **columns: str) -> str:
    """The data of a chart in unfold's format: the columns of the weeks, each in its colour."""
    datasets = [
        {
            "label": name.replace("_", " ").capitalize(),
            "data": [getattr(week, name) for week in weeks],
            "borderColor": colour,
            "backgroundColor": colour,
            "displayYAxis": True,
            "maxTicksXLimit": 7,
            "maxBarThickness": 24,
            "spanGaps": True,
        }
        for name, colour in columns.items()
    ]
    labels = [f"{week.monday:%b} {week.monday.day}" for week in weeks]
    return json.dumps({"labels": labels, "datasets": datasets})
