"""Filters of the voice lists, of the summary and of progress."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters as filters

from accounts.filters.fields import MinutesFilter, MomentFilter, SearchFilter, WordFilter, queryset_method
from accounts.models import VoiceConversation
from accounts.models.voice_conversations import (
    LONGEST_MINUTES,
    Interval,
    VoiceConversationQuerySet,
)
from accounts.rest.authentication import caller_of
from accounts.values import timezones

BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class PeriodFilters(filters.FilterSet):
    """Language and period; empty filters do nothing."""

    language = filters.CharFilter(
        method=queryset_method("in_language"), help_text="Target language, any spelling."
    )
    since = MomentFilter(method="by_since", help_text="A day in your time zone, or an instant.")
    until = MomentFilter(method="by_until", help_text="The same; a day is included whole.")

    def by_since(self, rows: VoiceConversationQuerySet, _: str, value: date) -> Any:
        """Those from the day's beginning, or from the instant."""
        return rows.since(value if isinstance(value, datetime) else self._midnight(value))

    def by_until(self, rows: VoiceConversationQuerySet, _: str, value: date) -> Any:
        """Those to the day's end, or to the instant and including it."""
        if isinstance(value, datetime):
            return rows.until(value)
        return rows.before(self._midnight(value + timedelta(days=1)))

    def _midnight(self, day: date) -> datetime:
        """The beginning of a day in the caller's time zone."""
        return datetime.combine(day, time(), timezones.zone_of(caller_of(self.request).timezone))


class ProgressFilters(PeriodFilters):
    """Language, period, and the interval of the series."""

    interval = WordFilter(*Interval.values, method="unfiltered", help_text="Unset: week.")

    def unfiltered(self, rows: VoiceConversationQuerySet, _: str, value: str) -> Any:
        """All rows: the interval groups the series and selects nothing."""
        return rows


class VoiceConversationFilters(PeriodFilters):
    """The filters of the voice lists."""

    native_language = filters.CharFilter(
        method=queryset_method("spoken_by_natives_of"), help_text="Any spelling."
    )
    type = WordFilter(*VoiceConversation.Type.values, method=queryset_method("of_type"))
    min_minutes = MinutesFilter(
        method=queryset_method("lasting_at_least", int), min_value=0, max_value=LONGEST_MINUTES
    )
    has_feedback = filters.TypedChoiceFilter(
        choices=[(word, word) for word in BOOLEANS],
        coerce=BOOLEANS.get,
        method=queryset_method("with_feedback"),
        error_messages={"invalid_choice": "Expected true or false."},
    )
    search = SearchFilter(
        method=queryset_method("mentioning"), help_text="Part of the topic or of what was said."
    )
