"""The summary of cards: due cards, forecast, reviews, retention and streak in the learner's time zone."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import Card, CardReview, User
from accounts.services import card_summary
from tests.fixtures.people import CARDS, Person

pytestmark = pytest.mark.django_db
SUMMARY = f"{CARDS}summary/"
# In Kiritimati (UTC+14) 2026-03-02 00:30, in Honolulu (UTC-10) 2026-03-01 00:30.
AT = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)


def store_cards(user: User, dues: Iterable[datetime], **fields: Any) -> list[Card]:
    """Cards that are due then."""
    made = [
        Card(
            **{
                "learner": user,
                "front": "a",
                "back": "b",
                "language_code": "es",
                "created_at": due,
                **fields,
            },
            due_at=due,
        )
        for due in dues
    ]
    return Card.objects.bulk_create(made)


def store_reviews(user: User, instants: Iterable[datetime], rating: int = 3) -> None:
    """Reviews of one card."""
    [card] = store_cards(user, [AT - timedelta(days=9999)], suspended_at=AT, language_code="xx")
    CardReview.objects.bulk_create(
        CardReview(card=card, learner=user, rating=rating, reviewed_at=at, desired_retention=0.9)
        for at in instants
    )


def summary_of(person: Person, zone: str = "UTC", at: datetime = AT) -> dict[str, Any]:
    person.user.timezone = zone
    return card_summary.summarise(user=person.user, at=at)


def test_a_learner_without_cards_has_a_summary_of_zeros(student: Person) -> None:
    found = student.client.get(SUMMARY).json()
    today = datetime.now(UTC).date()
    assert found == {
        "due_now": 0,
        "by_language": [],
        "forecast": [{"day": (today + timedelta(days=number)).isoformat(), "due": 0} for number in range(14)],
        "reviews_today": 0,
        "reviews_last_30_days": 0,
        "retention_last_30_days": None,
        "streak": 0,
        "reviews_per_day": 100,
    }


def test_the_summary_counts_the_callers_cards_and_reviews(student: Person, stranger: Person) -> None:
    stranger.review(stranger.make_card())
    first, second, third = (student.make_card(language=name) for name in ("Spanish", "Spanish", "German"))
    student.review(first, "again")
    student.review(second, "easy")
    student.client.post(f"{CARDS}{third['id']}/suspend/")
    student.make_card()
    student.client.patch("/accounts/users/me/", {"reviews_per_day": 7})
    found = student.client.get(SUMMARY).json()
    assert found["due_now"] == 1
    assert found["by_language"] == [
        {"language_code": "es", "due_now": 1, "cards": 3},
        {"language_code": "de", "due_now": 0, "cards": 1},
    ]
    assert (found["reviews_today"], found["reviews_last_30_days"]) == (2, 2)
    assert (found["retention_last_30_days"], found["streak"], found["reviews_per_day"]) == (0.5, 1, 7)
    assert sum(day["due"] for day in found["forecast"]) == 3


def test_the_200_languages_with_the_most_cards_are_listed(student: Person) -> None:
    for number in range(250):
        store_cards(student.user, [AT], language_code=f"l{number:03}")
    store_cards(student.user, [AT + timedelta(days=1)], language_code="l249")
    found = summary_of(student)
    assert found["by_language"][0] == {"language_code": "l249", "due_now": 1, "cards": 2}
    assert [each["language_code"] for each in found["by_language"][1:]] == [f"l{n:03}" for n in range(199)]
    assert found["due_now"] == found["forecast"][0]["due"] == 250


@pytest.mark.parametrize(
    ("zone", "first"), [("Pacific/Kiritimati", date(2026, 3, 2)), ("Pacific/Honolulu", date(2026, 3, 1))]
)
def test_the_forecast_has_the_days_of_the_time_zone(student: Person, zone: str, first: date) -> None:
    local = ZoneInfo(zone)
    midnight = datetime(first.year, first.month, first.day, tzinfo=local)
    dues = [
        *(AT - timedelta(days=400), midnight - timedelta(hours=1), AT),  # overdue
        midnight + timedelta(hours=23, minutes=59),
        midnight + timedelta(days=1),
        midnight + timedelta(days=14) - timedelta(microseconds=1),
        midnight + timedelta(days=14),  # after the forecast
    ]
    store_cards(student.user, dues)
    store_cards(student.user, dues, suspended_at=AT)
    forecast = summary_of(student, zone)["forecast"]
    assert [day["day"] for day in forecast] == [first + timedelta(days=number) for number in range(14)]
    assert [day["due"] for day in forecast] == [4, 1, *[0] * 11, 1]


def test_the_forecast_follows_a_change_of_the_clock(student: Person) -> None:
    berlin = ZoneInfo("Europe/Berlin")  # 2026-03-29 has 23 hours
    at = datetime(2026, 3, 28, 12, tzinfo=berlin).astimezone(UTC)
    store_cards(
        student.user, [datetime(2026, 3, 29, 23, 59, tzinfo=berlin), datetime(2026, 3, 30, tzinfo=berlin)]
    )
    forecast = summary_of(student, "Europe/Berlin", at)["forecast"]
    assert [day["due"] for day in forecast[:4]] == [0, 1, 1, 0]


def test_the_forecast_includes_the_last_evening_of_days_with_an_hour_more(student: Person) -> None:
    berlin = ZoneInfo("Europe/Berlin")  # 2026-10-25 has 25 hours
    at = datetime(2026, 10, 20, tzinfo=berlin).astimezone(UTC)
    store_cards(student.user, [datetime(2026, 11, 2, 23, 59, tzinfo=berlin)])
    assert summary_of(student, "Europe/Berlin", at)["forecast"][-1] == {"day": date(2026, 11, 2), "due": 1}


def test_reviews_of_30_days_and_their_retention(student: Person) -> None:
    month = timedelta(days=30)
    store_reviews(student.user, [AT - month, AT - timedelta(days=3)], rating=2)
    store_reviews(student.user, [AT - month - timedelta(seconds=1)], rating=1)
    store_reviews(student.user, [AT + timedelta(minutes=4)], rating=1)
    found = summary_of(student)
    assert (found["reviews_today"], found["reviews_last_30_days"]) == (1, 3)
    assert found["retention_last_30_days"] == 0.6667


@pytest.mark.parametrize(
    ("ago", "streak"),
    [
        ([0, 1, 2], 3),
        ([1, 2, 3], 3),
        ([2, 3], 0),
        ([0, 2, 3], 1),
        ([0, 0, 0], 1),
        (range(400), 400),
        ([-1], 1),
    ],
)
def test_the_streak_ends_today_or_yesterday(student: Person, ago: Iterable[int], streak: int) -> None:
    noon = AT.replace(hour=9)
    store_reviews(student.user, [noon - timedelta(days=days) for days in ago])
    assert summary_of(student)["streak"] == streak


def test_the_streak_has_the_days_of_the_time_zone(student: Person) -> None:
    store_reviews(student.user, [datetime(2026, 2, 28, 11, tzinfo=UTC), datetime(2026, 3, 1, 9, tzinfo=UTC)])
    assert summary_of(student, "Pacific/Kiritimati")["streak"] == 1  # both on 1 March, yesterday
    assert summary_of(student, "Pacific/Honolulu")["streak"] == 1  # both on 28 February, yesterday
    assert summary_of(student)["streak"] == 2


def test_a_day_that_the_zone_skipped_does_not_end_the_streak(student: Person) -> None:
    samoa = ZoneInfo("Pacific/Apia")
    days = [datetime(2011, 12, 29, 12, tzinfo=samoa), datetime(2011, 12, 31, 12, tzinfo=samoa)]
    store_reviews(student.user, days)
    assert summary_of(student, "Pacific/Apia", days[-1].astimezone(UTC))["streak"] == 2


@pytest.mark.parametrize("count", [1, 200])
def test_the_summary_costs_three_queries_and_one_for_the_user(
    student: Person, django_assert_num_queries: Any, count: int
) -> None:
    now = timezone.now()
    store_cards(student.user, [now] * count)
    store_reviews(student.user, [now - timedelta(days=number) for number in range(count)])
    student.client.get(SUMMARY)  # the first request of a process has one more query
    with django_assert_num_queries(4):
        found = student.client.get(SUMMARY).json()
    assert (found["due_now"], found["streak"]) == (count, count)
