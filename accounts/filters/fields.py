"""Filter types that several resources use."""

from collections.abc import Callable, Sequence
from copy import copy
from datetime import date, datetime
from functools import cached_property, lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

import django_filters as filters
from django import forms
from django.utils.dateparse import parse_date, parse_datetime

from accounts.values import languages

YEARS = range(1900, 3000)  # others are typing errors, or overflow when a time zone is applied
MAX_SEARCH_LENGTH = 200
MAX_SHARED_LENGTH = 500  # characters of the parameters of a shared form
MAX_ID = 2**63 - 1
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
INSTANT = {"type": "string", "format": "date-time"}
MOMENT = {"anyOf": [{"type": "string", "format": "date"}, INSTANT]}


class FilterSet(filters.FilterSet):
    """The base of all FilterSets. Its form class is made once, not for each request.

    Requests with the same parameters share the validated form, so its values must not depend on the time
    or on the caller: a filter's method resolves those. If ``shares_rows``, they also share the filtered rows
    of a list that has the same rows for every caller, so these must not depend on the time.

    A filter whose type does not follow from its method has an ``openapi_schema``.
    """

    read_with_others: frozenset[str] = frozenset()  # validated even if the request names only others
    shares_rows = True
    made_form: Callable[..., forms.Form]

    def get_form_class(self) -> Callable[..., forms.Form]:
        """Makes the form of this class. Without a label, whose translation takes time."""
        if "made_form" not in vars(type(self)):
            form = super().get_form_class()
            form.base_fields = SharedFields(form.base_fields)
            type(self).made_form = partial(form, label_suffix="")
        return self.made_form

    @cached_property
    def form(self) -> forms.Form:
        """The form with the request's parameters."""
        form, data = self.get_form_class(), self.data or {}
        values = tuple((name, data[name]) for name in self.base_filters if name in data)
        is_short = sum(len(value) for _, value in values) <= MAX_SHARED_LENGTH
        return validated_form(form, values) if is_short else form(dict(values))

    def filter_queryset(self, queryset: Any) -> Any:
        """The filtered rows, of a QuerySet or of a CompiledList."""
        for name, value in self.form.cleaned_data.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset


@lru_cache(maxsize=1_000)
def validated_form(form: Callable[..., forms.Form], values: tuple[tuple[str, str], ...]) -> forms.Form:
    """The form, already validated."""
    found = form(dict(values))
    found.full_clean()
    return found


@lru_cache(maxsize=500)
def narrowed(filterset: type[FilterSet], names: frozenset[str]) -> type[FilterSet]:
    """The FilterSet with the filters ``names`` and ``read_with_others`` only.

    It is faster, because a FilterSet copies and validates every filter that it has.
    """
    found: type[Any] = type(filterset.__name__, (filterset,), {})
    names |= filterset.read_with_others
    chosen = {name: copied(each) for name, each in filterset.base_filters.items() if name in names}
    found.base_filters = CopiedFilters(chosen)
    return found


class SharedFields(dict[str, forms.Field]):
    """Form fields that all requests share. Django copies them for each form; nothing changes them."""

    def __deepcopy__(self, memo: Any) -> dict[str, forms.Field]:
        return dict(self)


class CopiedFilters(dict[str, filters.Filter]):
    """Filters of which only those that call a method of their FilterSet are copied, shallowly, for each
    request. django-filter makes deep copies of all, which are slow.
    """

    def __deepcopy__(self, memo: Any) -> dict[str, filters.Filter]:
        return {name: copied(each) if isinstance(each.method, str) else each for name, each in self.items()}


def copied(found: filters.Filter) -> filters.Filter:
    """A shallow copy."""
    result = copy(found)
    result.method = found.method  # binds it to the copy
    return result


class MomentField(forms.CharField):
    """A day (YYYY-MM-DD) or an instant (ISO 8601). An instant without an offset is in UTC."""

    def clean(self, value: Any) -> date | datetime | None:
        """The day, the instant in UTC, or None if empty. Raises ValidationError."""
        text = super().clean(value).replace(" ", "+")  # an unescaped plus in a URL is decoded to a blank
        if not value:
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


class LanguagesField(forms.CharField):
    """Names of languages, separated by commas."""

    def clean(self, value: Any) -> tuple[str, ...] | None:
        """The names; None if empty."""
        text = super().clean(value)
        return languages.names_in(text) if text else None


class WordsField(forms.CharField):
    """Some of ``choices``, separated by commas."""

    def __init__(self, *, choices: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(**options)
        self.words = [word for word, _ in choices]

    def clean(self, value: Any) -> tuple[str, ...] | None:
        """The words; None if there is none. Raises ValidationError for others."""
        found = tuple(word for part in super().clean(value).split(",") if (word := part.strip()))
        if not set(self.words).issuperset(found):
            known = ", ".join(self.words)
            raise forms.ValidationError(f"Expected one or more of {known}, separated by commas.")
        return found or None


def queryset_method(name: str, value_type: type = str) -> Callable[..., Any]:
    """The ``method`` of a filter that calls a method of the QuerySet with the parameter's value or values.

    ``value_type`` is the type of the parameter in OpenAPI. The method is not called if the parameter
    is absent or empty.
    """

    def call(rows: Any, _: str, value: Any) -> Any:
        values = value if isinstance(value, tuple) else (value,)
        return getattr(rows, name)(*values)

    call.__annotations__["value"] = value_type
    return call


class MomentFilter(filters.Filter):
    """Filters by a day or an instant."""

    openapi_schema = MOMENT
    field_class = MomentField


class BooleanFilter(filters.TypedChoiceFilter):
    """Filters by ``true`` or ``1``, ``false`` or ``0``."""

    openapi_schema = {"type": "boolean"}

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=[(word, word) for word in BOOLEANS],
            coerce=BOOLEANS.get,
            error_messages={"invalid_choice": "Expected true or false."},
            **options,
        )


class MinutesFilter(filters.Filter):
    """Filters by a number of whole minutes."""

    openapi_schema = {"type": "integer", "minimum": 0}
    field_class = forms.IntegerField


class IdFilter(filters.Filter):
    """Filters by the id of a row."""

    openapi_schema = {"type": "integer", "minimum": 1}
    field_class = forms.IntegerField

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **options)


class PriceFilter(filters.Filter):
    """Filters by an amount of money, with at most as many digits as a price."""

    openapi_schema = {"type": "string", "format": "decimal"}  # as in bodies
    field_class = forms.DecimalField

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=10, decimal_places=2, **options)


class SearchFilter(filters.CharFilter):
    """Filters by a search text of limited length."""

    def __init__(self, help_text: str, **options: Any) -> None:
        sentence = f"{help_text} A search of more than 2 s is a 503 search_too_broad."
        super().__init__(max_length=MAX_SEARCH_LENGTH, help_text=sentence, **options)


class LanguagesFilter(filters.Filter):
    """Filters by one or more languages."""

    field_class = LanguagesField

    def __init__(self, help_text: str = "", **options: Any) -> None:
        sentence = f"{help_text} A name in any language, or a tag; several with commas, if all are known."
        super().__init__(help_text=sentence.strip(), **options)


class WordsFilter(filters.BaseCSVFilter):
    """Filters by one or more of ``words``. In OpenAPI, the parameter is an array, written with commas."""

    def __init__(self, *words: str, help_text: str = "", **options: Any) -> None:
        sentence = f"{help_text} One or more of these words.".strip()
        super().__init__(choices=[(word, word) for word in words], help_text=sentence, **options)
        self.field_class = WordsField


class WordFilter(filters.ChoiceFilter):
    """Filters by one of ``words``. The error message lists them."""

    def __init__(self, *words: str, **options: Any) -> None:
        messages = {"invalid_choice": f"Expected one of {', '.join(words)}."}
        super().__init__(choices=[(word, word) for word in words], error_messages=messages, **options)
