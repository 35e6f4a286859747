"""The estimated cost of calls: prices, rates, and the database's use of them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from accounts.models import VoiceSession
from accounts.values import realtime_prices
from tests.fixtures.people import Person
from tests.fixtures.stored_sessions import make_session


def test_the_estimate_of_a_minute_follows_from_rates_and_prices() -> None:
    heard, spoken = 30 * 10, 30 * 20
    read = 4 * 5 * (heard + spoken)
    audio = (heard * 32 + spoken * 64 + read * Decimal("0.40")) / 1_000_000
    assert realtime_prices.price_on(date(2026, 11, 28)).per_minute == audio + Decimal("0.017")
    assert {price.per_minute for price in realtime_prices.PRICES} == {Decimal("0.0722")}


def test_a_price_holds_from_its_date_and_the_first_one_before() -> None:
    first, second = realtime_prices.PRICES
    assert realtime_prices.price_on(second.since) is second
    assert realtime_prices.price_on(second.since - timedelta(days=1)) is first
    assert realtime_prices.price_on(first.since - timedelta(days=1)) is first


def test_prices_are_in_the_order_of_their_dates_and_name_their_source() -> None:
    dates = [price.since for price in realtime_prices.PRICES]
    assert dates == sorted(set(dates))
    assert all("developers.openai.com/" in price.source for price in realtime_prices.PRICES)


@pytest.mark.django_db
def test_the_database_estimates_with_the_price_of_the_session_s_day(student: Person) -> None:
    old, new = price_of(date(2026, 1, 1), "1"), price_of(date(2026, 11, 20), "0.07")
    for day in (19, 20, 21):
        make_session(student.user, datetime(2026, 11, day, tzinfo=UTC), charged_minutes=day)
    make_session(student.user, datetime(2025, 12, 31, tzinfo=UTC), charged_minutes=3)
    rows = VoiceSession.objects.with_estimated_cost([old, new]).oldest_first()
    costs = [row.estimated_cost for row in rows]
    assert costs == [3, 19, Decimal("1.40"), Decimal("1.47")]


def price_of(since: date, per_minute: str) -> realtime_prices.Price:
    """A price of nothing but the transcription."""
    none = Decimal(0)
    return realtime_prices.Price(since, "model", none, none, none, Decimal(per_minute), "source")
