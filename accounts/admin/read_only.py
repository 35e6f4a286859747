"""The base of read-only pages of rows of people. Staff find the rows by person, never by a text."""

from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from accounts.admin.pages import StaffModelAdmin
from accounts.admin.users import matching
from accounts.models import User


class ReadOnlyAdmin(StaffModelAdmin):
    """Read-only pages. ``people`` are the paths to the users by whom rows are found.

    ``filtered`` are the columns and parameters that a query may filter: none is a text.
    """

    people: tuple[str, ...] = ()
    filtered: tuple[str, ...] = ()
    search_fields = ("pk",)  # shows the search; get_search_results decides what it finds
    search_help_text = "Name, profile, e-mail address or id of a person"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only ``filtered``: a filter of a text column would reveal its text letter by letter."""
        name = lookup.partition("__")[0]
        return name in self.filtered and super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows of the people whom the same search finds in the list of users.

        Staff who may not view that list find nobody by the address.
        """
        if not search_term.strip("\x00 "):
            return queryset, False
        by_address = self.admin_site.get_model_admin(User).has_view_permission(request)
        found = matching(User.objects.all(), search_term, by_address=by_address).values("pk")
        conditions = Q()
        for path in self.people:
            conditions |= Q(**{f"{path}__in": found})
        return queryset.filter(conditions), False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    has_delete_permission = has_change_permission
