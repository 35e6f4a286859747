"""The summary of a learner's cards and reviews."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User, card_statistics
from accounts.models.card_statistics import FORECAST_DAYS
from accounts.services.summary import streaks_of
from accounts.values import timezones

RECENT = timedelta(days=30)


def summarise(*, user: User, at: datetime) -> dict[str, Any]:
    """The summary in the shape of the API. Three queries."""
    zone = timezones.zone_of(user.timezone)
    found = card_statistics.statistics_of(user, zone=zone, recent=at - RECENT, at=at)
    reviews, today = found.reviews, timezones.day_of(at, zone)
    days = [today + timedelta(days=number) for number in range(FORECAST_DAYS)]
    return {
        "due_now": found.due_now,
        "by_language": [each._asdict() for each in found.languages],
        "forecast": [{"day": day, "due": found.forecast.get(day, 0)} for day in days],
        "reviews_today": reviews.today,
        "reviews_last_30_days": reviews.recent,
        "retention_last_30_days": round(reviews.retained / reviews.recent, 4) if reviews.recent else None,
        "streak": streaks_of(reviews.days, at, zone).current_days,
        "reviews_per_day": user.reviews_per_day,
    }
