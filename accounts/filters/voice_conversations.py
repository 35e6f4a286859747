"""Filters of voice conversations, of their summary and of the progress report."""

from datetime import date, datetime, time, timedelta
from typing import Any

from accounts.filters.fields import (
    BooleanFilter,
    FilterSet,
    LanguagesFilter,
    MinutesFilter,
    MomentFilter,
    SearchFilter,
    WordFilter,
    WordsFilter,
    queryset_method,
)
from accounts.models import VoiceConversation
from accounts.models.voice_conversations import MAX_MINUTES, Interval, VoiceConversationQuerySet
from accounts.rest.authentication import caller_of
from accounts.values import timezones

ORDERS = {
    "created_at": ("created_at", "id"),
    "-created_at": ("-created_at", "-id"),
    "duration_minutes": ("shortest", "id"),
    "-duration_minutes": ("-longest", "-id"),
}


class PeriodFilters(FilterSet):
    """Filters by language and period. An empty parameter filters nothing."""

    language = LanguagesFilter("The target language.", method=queryset_method("in_language"))
    target_language = LanguagesFilter("The same as `language`.", method=queryset_method("in_language"))
    since = MomentFilter(method="by_since", help_text="A day in your time zone, or an instant.")
    until = MomentFilter(method="by_until", help_text="A day, all of it included, or an instant.")

    def by_since(self, rows: VoiceConversationQuerySet, _: str, value: date) -> Any:
        """Conversations from the start of the day, or from the instant."""
        return rows.since(value if isinstance(value, datetime) else self._midnight(value))

    def by_until(self, rows: VoiceConversationQuerySet, _: str, value: date) -> Any:
        """Conversations up to the end of the day, or up to and including the instant."""
        if isinstance(value, datetime):
            return rows.until(value)
        return rows.before(self._midnight(value + timedelta(days=1)))

    def _midnight(self, day: date) -> datetime:
        """The start of a day in the caller's time zone."""
        return datetime.combine(day, time(), timezones.zone_of(caller_of(self.request).timezone))


class ProgressFilters(PeriodFilters):
    """Filters by language and period, and the interval of the report."""

    interval = WordFilter(*Interval.values, method="unfiltered", help_text="Default: week.")

    def unfiltered(self, rows: VoiceConversationQuerySet, _: str, value: str) -> Any:
        """All rows, because the interval selects no rows."""
        return rows


class VoiceConversationFilters(PeriodFilters):
    """Filters of the lists of conversations."""

    native_language = LanguagesFilter(method=queryset_method("of_native_language"))
    type = WordsFilter(*VoiceConversation.Type.values, method=queryset_method("of_type"))
    conversation_type = WordsFilter(
        *VoiceConversation.Type.values,
        method=queryset_method("of_type"),
        help_text="The same as `type`.",
    )
    min_minutes = MinutesFilter(
        method=queryset_method("lasting_at_least", int),
        min_value=0,
        max_value=MAX_MINUTES,
        help_text="The shortest conversation, in minutes.",
    )
    has_feedback = BooleanFilter(method=queryset_method("has_feedback"))
    search = SearchFilter(
        method=queryset_method("mentioning"), help_text="A text in the topic or the transcription."
    )
    ordering = WordFilter(
        *ORDERS,
        method="in_order",
        help_text="Default: -created_at. Conversations of unknown duration are the last.",
    )

    def in_order(self, rows: VoiceConversationQuerySet, _: str, value: str) -> Any:
        """Orders the conversations by one of ORDERS."""
        return rows.order_by(*ORDERS[value])
