"""Filters of the list of teachers."""

from typing import Any

from django.db.models import F

from accounts.filters.fields import SearchFilter, WordFilter
from accounts.filters.gigs import OfferFilters, active_gigs
from accounts.models import Gig, Teacher
from accounts.models.compiled_lists import CompiledRows

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

    search = SearchFilter(help_text="Words in the name, profile or gigs.")
    ordering = WordFilter(*ORDERS)

    shares_rows = False  # a QuerySet keeps the rows that it has read
    read_with_others = frozenset({*OfferFilters.base_filters, "search", "ordering"})

    def filter_queryset(self, queryset: CompiledRows) -> Any:
        """The tuples of ``queryset``, a list of all teachers, of the teachers that match."""
        values = self.form.cleaned_data
        order = ORDERS[values["ordering"] or "newest"]
        gigs = active_gigs(self)
        rows: Any = Teacher.objects.listed().with_prices(Gig.objects.active_of_listed()).offering(gigs)
        sorted_by = [F(column.lstrip("-")) for column in order]
        rows = rows.with_lowest_price(gigs, values["currency"])
        rows = rows.values_list(*queryset.compiled.columns, *sorted_by)
        rows = rows.mentioning(values["search"], Gig.objects.active()) if values["search"] else rows
        return rows.order_by(*order)
