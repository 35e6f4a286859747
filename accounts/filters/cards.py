"""Filters of flashcards."""

from contextlib import suppress
from datetime import datetime
from typing import Any

import django_filters as filters
from django import forms
from django.utils import timezone

from accounts.filters.fields import (
    INSTANT,
    FilterSet,
    IdFilter,
    LanguagesFilter,
    MomentField,
    SearchFilter,
    WordsFilter,
    queryset_method,
)
from accounts.models import Card, Correction
from accounts.models.cards import SUSPENDED, CardQuerySet

NOW = "now"
WORDS_FOR_NOW = (NOW, "true", "1")


class DueField(MomentField):
    """An instant (ISO 8601), or one of WORDS_FOR_NOW."""

    def clean(self, value: Any) -> Any:
        """The instant in UTC, NOW, or None if empty. Raises ValidationError."""
        if str(value or "").strip().lower() in WORDS_FOR_NOW:
            return NOW
        with suppress(forms.ValidationError):
            moment = super().clean(value)
            if moment is None or isinstance(moment, datetime):
                return moment
        raise forms.ValidationError("Expected now, or an instant (ISO 8601).")


class DueFilter(filters.Filter):
    """Filters by the instant at which cards are due."""

    openapi_schema = {"anyOf": [{"type": "string", "enum": list(WORDS_FOR_NOW)}, INSTANT]}
    field_class = DueField


class CardFilters(FilterSet):
    """Filters of the list of cards and of its export."""

    due = DueFilter(
        method="by_due",
        help_text="`now`, or an instant (ISO 8601): cards due then. Without suspended cards.",
    )
    language = LanguagesFilter(method=queryset_method("in_language"))
    source = WordsFilter(*Correction.Source.values, method=queryset_method("from_source"))
    conversation = IdFilter(
        method=queryset_method("from_conversation", int), help_text="The id of a voice conversation."
    )
    state = WordsFilter(*Card.State.values, SUSPENDED, method=queryset_method("in_state"))
    search = SearchFilter(method=queryset_method("mentioning"), help_text="Words in front, back or note.")

    def by_due(self, rows: CardQuerySet, _: str, value: datetime | str) -> Any:
        """Cards due at the instant, or at the time of the request."""
        return rows.due(value if isinstance(value, datetime) else timezone.now())
