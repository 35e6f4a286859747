"""Filters of gigs, and of teachers by their gigs."""

from typing import Any, cast
from uuid import UUID

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError

from accounts.filters.fields import (
    FilterSet,
    LanguagesFilter,
    MinutesFilter,
    PriceFilter,
    SearchFilter,
    WordFilter,
    queryset_method,
)
from accounts.models import Gig
from accounts.models.gigs import MAX_SESSION_MINUTES, GigQuerySet
from accounts.models.validators import validate_currency

ORDERS = {
    "newest": ("-created_at", "-id"),
    "oldest": ("created_at", "id"),
    "price": ("price_per_session", "id"),
    "-price": ("-price_per_session", "-id"),
}


class OfferForm(forms.Form):
    """Requires a currency if prices are compared. Amounts of two currencies have no order."""

    def clean(self) -> dict[str, Any]:
        """Adds the error ``currency_required`` to a price filter or an order by price without a currency."""
        values = self.cleaned_data
        filtered = any(values.get(name) is not None for name in ("min_price", "max_price"))
        ordered = values.get("ordering") in ("price", "-price")
        if (filtered or ordered) and values.get("currency") == "":
            sentence = "Prices are compared within one currency. Add a currency, such as currency=EUR."
            self.add_error("currency", ValidationError(sentence, code="currency_required"))
        return values


class OfferFilters(FilterSet):
    """Filters by the language and price of a gig. Prices are compared within one currency only."""

    language = LanguagesFilter(method=queryset_method("in_language"))
    min_price = PriceFilter(
        method=queryset_method("priced_from"), min_value=0, help_text="The lowest price, in `currency`."
    )
    max_price = PriceFilter(
        method=queryset_method("priced_up_to"), min_value=0, help_text="The highest price, in `currency`."
    )
    currency = filters.CharFilter(
        method=queryset_method("in_currency"),
        validators=[validate_currency],
        help_text="ISO 4217, such as EUR. Required with a price filter and with an order by price.",
    )

    read_with_others = frozenset({"currency"})

    class Meta:
        form = OfferForm


class GigFilters(OfferFilters):
    """Filters of the list of gigs."""

    min_minutes = MinutesFilter(
        method=queryset_method("lasting_at_least", int),
        min_value=0,
        max_value=MAX_SESSION_MINUTES,
        help_text="The shortest session, in minutes.",
    )
    max_minutes = MinutesFilter(
        method=queryset_method("lasting_at_most", int),
        min_value=0,
        max_value=MAX_SESSION_MINUTES,
        help_text="The longest session, in minutes.",
    )
    teacher = filters.UUIDFilter(
        method=queryset_method("of_teacher", UUID), help_text="The teacher's user id."
    )
    tag = filters.CharFilter(
        method=queryset_method("tagged"), help_text="A whole tag, in upper or lower case."
    )
    search = SearchFilter(
        method=queryset_method("mentioning"),
        help_text="Words in the first 2,000 characters of the gig, or in the teacher's name, bio, city or"
        " country.",
    )
    ordering = WordFilter(*ORDERS, method="in_order")

    def in_order(self, rows: GigQuerySet, _: str, value: str) -> GigQuerySet:
        """Orders the gigs by one of ORDERS."""
        return rows.order_by(*ORDERS[value])


def active_gigs(filterset: OfferFilters) -> GigQuerySet:
    """The active gigs that match the language, price and currency of a valid ``filterset``.

    They are on offer if their teacher is listed.
    """
    gigs = Gig.objects.active_of_listed()
    for name in OfferFilters.base_filters:
        gigs = cast(GigQuerySet, filterset.filters[name].filter(gigs, filterset.form.cleaned_data[name]))
    return gigs
