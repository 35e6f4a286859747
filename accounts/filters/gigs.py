"""Filters of gigs, and of teachers by the gigs that they offer."""

from typing import Any, cast

import django_filters as filters

from accounts.filters.fields import MinutesFilter, PriceFilter, SearchFilter, WordFilter
from accounts.models import Gig
from accounts.models.gig_querysets import GigQuerySet
from accounts.models.gigs import LONGEST_MINUTES

NEWEST = ("-created_at", "-id")
ORDERS = {
    "newest": NEWEST,
    "oldest": ("created_at", "id"),
    "price": ("price_per_session", "id"),
    "-price": ("-price_per_session", "-id"),
}


class OfferFilters(filters.FilterSet):
    """What a learner asks of an offer: language and price."""

    language = filters.CharFilter(method="by_language", help_text="Any spelling.")
    min_price = PriceFilter(method="by_min_price", min_value=0)
    max_price = PriceFilter(method="by_max_price", min_value=0)
    currency = filters.CharFilter(method="by_currency", help_text="ISO 4217, such as EUR.")

    def by_language(self, rows: GigQuerySet, _: str, value: str) -> Any:
        """Those that teach a language."""
        return rows.in_language(value)

    def by_min_price(self, rows: GigQuerySet, _: str, value: Any) -> Any:
        """Those of this price or dearer."""
        return rows.priced_between(value, None)

    def by_max_price(self, rows: GigQuerySet, _: str, value: Any) -> Any:
        """Those of this price or cheaper."""
        return rows.priced_between(None, value)

    def by_currency(self, rows: GigQuerySet, _: str, value: str) -> Any:
        """Those priced in a currency."""
        return rows.in_currency(value)


class GigFilters(OfferFilters):
    """The filters of the gig list."""

    min_minutes = MinutesFilter(method="by_min_minutes", min_value=0, max_value=LONGEST_MINUTES)
    max_minutes = MinutesFilter(method="by_max_minutes", min_value=0, max_value=LONGEST_MINUTES)
    teacher = filters.UUIDFilter(method="by_teacher", help_text="The teacher's user id.")
    tag = filters.CharFilter(method="by_tag", help_text="A whole tag, in any case.")
    search = SearchFilter(method="by_search", help_text="Words of title, description, tags or teacher.")
    ordering = WordFilter(*ORDERS, method="by_ordering")

    def by_min_minutes(self, rows: GigQuerySet, _: str, value: int) -> Any:
        """Those that last this long or longer."""
        return rows.lasting_between(value, None)

    def by_max_minutes(self, rows: GigQuerySet, _: str, value: int) -> Any:
        """Those that last this long or less."""
        return rows.lasting_between(None, value)

    def by_teacher(self, rows: GigQuerySet, _: str, value: Any) -> Any:
        """Those of one teacher."""
        return rows.of_teacher(value)

    def by_tag(self, rows: GigQuerySet, _: str, value: str) -> Any:
        """Those with a tag."""
        return rows.tagged(value)

    def by_search(self, rows: GigQuerySet, _: str, value: str) -> Any:
        """Those that match every word."""
        return rows.mentioning(value)

    def by_ordering(self, rows: GigQuerySet, _: str, value: str) -> Any:
        """In this order."""
        return rows.order_by(*ORDERS[value])


def offers(filterset: OfferFilters) -> GigQuerySet:
    """The gigs on offer that the offer filters of a valid ``filterset`` leave."""
    gigs = Gig.objects.active()
    for name in OfferFilters.base_filters:
        gigs = cast(GigQuerySet, filterset.filters[name].filter(gigs, filterset.form.cleaned_data[name]))
    return gigs
