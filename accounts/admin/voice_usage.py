"""Usage of voice sessions: totals per month, and per user and day of one month. The database sums."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.urls import reverse

from accounts.admin.links import link
from accounts.models import User, VoiceSession
from accounts.values import realtime_prices

ROWS_PER_PAGE = 50
SUMS = ("Sessions", "Minutes", "Tokens", "Estimated cost")


def page(parameters: Mapping[str, str], *, at: datetime) -> dict[str, Any]:
    """The context of the page. ``parameters`` may have ``month`` (such as 2026-11) and ``page``."""
    month = month_of(parameters.get("month", ""), default=at.date().replace(day=1))
    days = VoiceSession.objects.in_month(month).usage(at, "day", "user")
    rows = Paginator(days.order_by("-day", "-total_minutes", "user"), ROWS_PER_PAGE).get_page(
        parameters.get("page")
    )
    return {
        "title": "Usage of voice sessions",
        "month": month,
        "months": {"headers": ("Month", *SUMS), "rows": month_rows(at)},
        "days": {"headers": ("Day", "User", *SUMS), "rows": day_rows(rows)},
        "page": rows,
        "price": realtime_prices.price_on(at.date()),
    }


def month_of(text: str, *, default: date) -> date:
    """The first day of a month such as 2026-11. ``default`` if the text is none of this millennium."""
    try:
        month = datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        return default
    return month if month.year < 3000 else default


def month_rows(at: datetime) -> list[list[str]]:
    """A row of the table for each month, newest first. Sessions are kept for 400 days."""
    totals = VoiceSession.objects.usage(at, "month").order_by("-month")
    return [
        [link(f"?month={total['month']:%Y-%m}", f"{total['month']:%Y-%m}"), *sums(total)] for total in totals
    ]


def day_rows(totals: Page[dict[str, Any]]) -> list[list[str]]:
    """A row of the table for each user and day. The day links to the sessions."""
    users = User.objects.only("name").in_bulk({total["user"] for total in totals})
    return [
        [sessions_link(total["day"], total["user"]), str(users[total["user"]]), *sums(total)]
        for total in totals
    ]


def sessions_link(day: date, user: object) -> str:
    """A link to the list of the user's sessions of a day."""
    year, month, number = day.isoformat().split("-")
    query = {"created_at__year": year, "created_at__month": month, "created_at__day": number, "q": user}
    return link(f"{reverse('admin:accounts_voicesession_changelist')}?{urlencode(query)}", day.isoformat())


def sums(total: Mapping[str, Any]) -> list[str]:
    """The last cells of a row."""
    counts = (total["sessions"], total["total_minutes"], total["tokens"])
    return [*(f"{count:,}" for count in counts), dollars(total["estimated_total"])]


def dollars(cost: Decimal | None) -> str:
    """An amount in US dollars; a dash if it is not known."""
    return "-" if cost is None else f"${cost:,.2f}"
