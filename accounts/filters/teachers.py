"""Filters of the list of teachers."""

from typing import Any

from accounts.filters.fields import SearchFilter, WordFilter
from accounts.filters.gigs import OfferFilters, active_gigs
from accounts.models import Gig
from accounts.models.teachers import TeacherQuerySet

ORDERS = {
    "newest": ("-created_at", "-user_id"),
    "price": ("lowest_price", "user_id"),
    "-price": ("-lowest_price", "-user_id"),
    "experience": ("experience_years", "user_id"),
    "-experience": ("-experience_years", "-user_id"),
}


class TeacherFilters(OfferFilters):
    """Filters of the list of teachers.

    A teacher matches if one active gig matches the language, the price and the currency.
    ``lowest_price``, also as an order, is the price of the teacher's cheapest such gig. It is null without
    a currency.
    """

    filters_always = True
    search = SearchFilter(help_text="Words in the name, profile or gigs.")
    ordering = WordFilter(*ORDERS)

    def filter_queryset(self, queryset: TeacherQuerySet) -> Any:
        values = self.form.cleaned_data
        gigs = active_gigs(self)
        rows = queryset.offering(gigs).with_lowest_price(gigs, values["currency"])
        rows = rows.mentioning(values["search"], Gig.objects.active()) if values["search"] else rows
        return rows.order_by(*ORDERS[values["ordering"] or "newest"])
