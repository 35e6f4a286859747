"""List filters, each a QuerySet method by its query parameter."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import django_filters as filters
from django import forms
from django.utils.dateparse import parse_date, parse_datetime

from accounts import timezones
from accounts.authentication import caller_of
from accounts.models import VoiceConversation
from accounts.models.voice_conversations import (
    LONGEST_MINUTES,
    VoiceConversationQuerySet,
)

TYPES = VoiceConversation.Type
YEARS = range(1900, 3000)
TRUTHS = {"true": True, "1": True, "false": False, "0": False}


class MomentField(forms.CharField):
    """A day (YYYY-MM-DD) or an instant (ISO 8601); an instant without offset is UTC."""

    def clean(self, value: Any) -> date | datetime | None:
        """The day or instant; raises ValidationError for anything else."""
        text = super().clean(value).replace(" ", "+")  # an unescaped plus arrives as a blank
        if not text:
            return None
        try:
            moment = parse_date(text) or parse_datetime(text)
            if isinstance(moment, datetime):
                moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("UTC"))
                moment = moment.astimezone(ZoneInfo("UTC"))
        except (ValueError, OverflowError):
            moment = None
        if moment is None or moment.year not in YEARS:
            raise forms.ValidationError("Expected a day (2026-01-31) or an instant (ISO 8601).")
        return moment


class MomentFilter(filters.Filter):
    """Filters by a day or an instant."""

    field_class = MomentField


class MinutesFilter(filters.Filter):
    """Filters by whole minutes."""

    field_class = forms.IntegerField


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


class VoiceConversationFilters(PeriodFilters):
    """The filters of the voice lists."""

    native_language = filters.CharFilter(method="by_native", help_text="Any spelling.")
    type = filters.ChoiceFilter(
        choices=TYPES.choices,
        method="by_type",
        error_messages={"invalid_choice": f"Expected one of {', '.join(TYPES.values)}."},
    )
    min_minutes = MinutesFilter(method="by_minutes", min_value=0, max_value=LONGEST_MINUTES)
    has_feedback = filters.ChoiceFilter(
        choices=[(word, word) for word in TRUTHS],
        method="by_feedback",
        error_messages={"invalid_choice": "Expected true or false."},
    )
    search = filters.CharFilter(
        method="by_search",
        max_length=200,
        help_text="Part of the topic or of what was said.",
    )

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
