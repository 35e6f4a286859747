"""Filters of the teacher list."""

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
    """Teachers are found by one gig that has all of language, price and currency.

    ``lowest_price``, and the order by it, is that of their cheapest such gig.
    """

    search = SearchFilter(help_text="Words of name, profile or gigs.")
    ordering = WordFilter(*ORDERS)

    def filter_queryset(self, queryset: TeacherQuerySet) -> Any:
        """Those with such a gig on offer, in the wanted order."""
        asked = self.form.cleaned_data
        gigs = active_gigs(self)
        rows = queryset.offering(gigs).with_lowest_price(gigs)
        rows = rows.mentioning(asked["search"], Gig.objects.active()) if asked["search"] else rows
        return rows.order_by(*ORDERS[asked["ordering"] or "newest"])
