"""The usage of voice sessions in the admin: totals by month, and by person and day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.values import realtime_prices
from tests.fixtures.stored_sessions import (
    LIST,
    NOON,
    USAGE,
    estimate,
    listed,
    make_many,
    make_running,
    make_session,
    queries_of,
)

pytestmark = pytest.mark.django_db(transaction=True)


def tables(client: Client, query: str = "") -> tuple[list[list[str]], list[list[str]]]:
    """The rows of months, and of days, without their links."""
    response = client.get(f"{USAGE}{query}")
    assert response.status_code == 200
    months, days = response.context["months"]["rows"], response.context["days"]["rows"]
    return [[_text(row[0]), *row[1:]] for row in months], [[_text(row[0]), *row[1:]] for row in days]


def _text(link: str) -> str:
    return link.split(">")[1].split("<")[0]


def test_usage_is_summed_by_person_and_day(boss: Client, anna: User, zoe: User) -> None:
    make_session(anna)
    make_session(anna, NOON + timedelta(hours=2), charged_minutes=5, reported_tokens=None)
    make_session(anna, NOON - timedelta(days=1))
    make_session(zoe, reported_tokens=1)
    _, days = tables(boss, "?month=2026-11")
    assert days == [
        ["2026-11-20", "Anna", "2", "15", "4,000", estimate(15)],
        ["2026-11-20", "Zoe", "1", "10", "1", estimate(10)],
        ["2026-11-19", "Anna", "1", "10", "4,000", estimate(10)],
    ]


def test_a_day_begins_at_midnight_in_utc(boss: Client, anna: User) -> None:
    make_session(anna, datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC), charged_minutes=1)
    make_session(anna, datetime(2026, 11, 1, tzinfo=UTC), charged_minutes=2)
    months, days = tables(boss, "?month=2026-10")
    assert [(row[0], row[2]) for row in months] == [("2026-11", "2"), ("2026-10", "1")]
    assert [(row[0], row[3]) for row in days] == [("2026-10-31", "1")]


def test_months_have_a_total_of_all_people(boss: Client, anna: User, zoe: User) -> None:
    for user in (anna, zoe):
        make_session(user, charged_minutes=600)
        make_session(user, NOON - timedelta(days=30))
    months, _ = tables(boss)
    assert months == [
        ["2026-11", "2", "1,200", "8,000", estimate(1200)],
        ["2026-10", "2", "20", "8,000", estimate(20)],
    ]


def test_the_usage_counts_reserved_minutes_of_a_running_call_and_no_cost(boss: Client, anna: User) -> None:
    make_running(anna)
    months, days = tables(boss)
    assert months[0][1:] == days[0][2:] == ["1", "30", "0", "-"]


def test_without_a_valid_month_the_usage_is_that_of_the_current_one(boss: Client, anna: User) -> None:
    make_running(anna)
    make_session(anna, timezone.now() - timedelta(days=40))
    for query in ("", "?month=", "?month=2026-13", "?month=%00", "?month=x&page=x", "?month=9999-12"):
        months, days = tables(boss, query)
        assert (len(months), len(days)) == (2, 1)


def test_a_day_of_the_usage_links_to_the_sessions_of_that_day(boss: Client, anna: User, zoe: User) -> None:
    session = make_session(anna)
    make_session(anna, NOON - timedelta(days=1))
    make_session(zoe, NOON, charged_minutes=1)
    link = boss.get(f"{USAGE}?month=2026-11").context["days"]["rows"][0][0]
    query = link.split('href="')[1].split('"')[0].replace("&amp;", "&").removeprefix(LIST)
    assert listed(boss, query) == [session]


def test_a_name_with_markup_is_shown_as_text(boss: Client, anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(name="<script>alert(1)</script>")
    make_session(anna)
    for address in (LIST, f"{USAGE}?month=2026-11"):
        html = boss.get(address).content.decode()
        assert "<script>alert(1)" not in html and "&lt;script&gt;alert(1)" in html


def test_the_usage_names_the_cost_an_estimate_and_shows_the_price(boss: Client) -> None:
    html = boss.get(USAGE).content.decode()
    assert "Estimated cost" in html and "not an invoice" in html
    price = realtime_prices.price_on(timezone.now().date())
    assert f"${price.per_minute}" in html and price.model in html and price.since.isoformat() in html


def test_the_usage_costs_a_fixed_number_of_queries(boss: Client, anna: User, zoe: User) -> None:
    make_session(anna)
    few = queries_of(boss, f"{USAGE}?month=2026-11")
    make_many(anna, zoe)
    assert queries_of(boss, f"{USAGE}?month=2026-11") == few <= 8


def test_the_usage_has_pages_of_fifty_rows(
    boss: Client, anna: User, zoe: User, make_account: Callable[..., User]
) -> None:
    for user in (anna, zoe, make_account("Kim")):
        for day in range(20):
            make_session(user, NOON - timedelta(days=day))
    _, first = tables(boss, "?month=2026-11")
    _, second = tables(boss, "?month=2026-11&page=2")
    assert (len(first), len(second)) == (50, 10)
    assert len({(row[0], row[1]) for row in first + second}) == 60
    assert "?month=2026-11&amp;page=2" in boss.get(f"{USAGE}?month=2026-11").content.decode()
