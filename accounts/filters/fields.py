"""Filters that several resources share."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import django_filters as filters
from django import forms
from django.utils.dateparse import parse_date, parse_datetime

YEARS = range(1900, 3000)
LONGEST_SEARCH = 200


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


def queryset_method(name: str, value_type: type = str) -> Callable[..., Any]:
    """The ``method`` of a filter that calls a method of the QuerySet with the parameter's value.

    ``value_type`` is the type of the parameter in OpenAPI. An absent or empty parameter calls nothing.
    """

    def call(rows: Any, _: str, value: Any) -> Any:
        return getattr(rows, name)(value)

    call.__annotations__["value"] = value_type
    return call


class MomentFilter(filters.Filter):
    """Filters by a day or an instant."""

    field_class = MomentField


class MinutesFilter(filters.Filter):
    """Filters by whole minutes."""

    field_class = forms.IntegerField


class PriceFilter(filters.Filter):
    """Filters by an amount of money, of no more digits than a price has."""

    field_class = forms.DecimalField

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=10, decimal_places=2, **options)


class SearchFilter(filters.CharFilter):
    """Filters by a text to find."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_SEARCH, **options)


class WordFilter(filters.ChoiceFilter):
    """Filters by one of a few words, which a refusal lists."""

    def __init__(self, *words: str, **options: Any) -> None:
        messages = {"invalid_choice": f"Expected one of {', '.join(words)}."}
        super().__init__(choices=[(word, word) for word in words], error_messages=messages, **options)
