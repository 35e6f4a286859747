"""Filters of the voice lists, of the summary and of progress."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters as filters

from accounts.filters.fields import MinutesFilter, MomentFilter, SearchFilter, WordFilter
from accounts.models import VoiceConversation
from accounts.models.voice_conversations import (
    LONGEST_MINUTES,
    VoiceConversationQuerySet,
)
from accounts.rest.authentication import caller_of
from accounts.services.progress import Interval
from accounts.values import timezones

TYPES = VoiceConversation.Type
TRUTHS = {"true": True, "1": True, "false": False, "0": False}


class PeriodFilters(filters.FilterSet):
    """Language and period; empty filters do nothing."""

    language = filters.CharFilter(method="by_language", help_text="Target language, any spelling.")
    since = MomentFilter(method="by_since", help_text="A day in your time zone, or an instant.")
    until = MomentFilter(method="by_until", help_text="The same; a day is included whole.")

    def by_language(self, rows: VoiceConversationQuerySet, _: str, value: str) -> Any:
        """Those in a target language."""
        return rows.in_language(value)

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
    """Language and period, and how long the periods of the series are."""

    interval = WordFilter(*Interval.values, method="by_interval", help_text="Unset: week.")

    def by_interval(self, rows: VoiceConversationQuerySet, _: str, value: str) -> Any:
        """All of them: the interval groups what the other filters leave."""
        return rows


class VoiceConversationFilters(PeriodFilters):
    """The filters of the voice lists."""

    native_language = filters.CharFilter(method="by_native", help_text="Any spelling.")
    type = WordFilter(*TYPES.values, method="by_type")
    min_minutes = MinutesFilter(method="by_minutes", min_value=0, max_value=LONGEST_MINUTES)
    has_feedback = filters.ChoiceFilter(
        choices=[(word, word) for word in TRUTHS],
        method="by_feedback",
        error_messages={"invalid_choice": "Expected true or false."},
    )
    search = SearchFilter(method="by_search", help_text="Part of the topic or of what was said.")

    def by_native(self, rows: VoiceConversationQuerySet, _: str, value: str) -> Any:
        """Those of a native language."""
        return rows.spoken_by_natives_of(value)

    def by_type(self, rows: VoiceConversationQuerySet, _: str, value: str) -> Any:
        """Those of a type."""
        return rows.of_type(value)

    def by_minutes(self, rows: VoiceConversationQuerySet, _: str, value: int) -> Any:
        """Those of some length."""
        return rows.lasting_at_least(value)

    def by_feedback(self, rows: VoiceConversationQuerySet, _: str, value: str) -> Any:
        """Those with feedback, or without."""
        return rows.with_feedback(TRUTHS[value])

    def by_search(self, rows: VoiceConversationQuerySet, _: str, value: str) -> Any:
        """Those that mention a text."""
        return rows.mentioning(value)
