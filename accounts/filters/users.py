"""Filters of the directory."""

from typing import Any

import django_filters as filters

from accounts.filters.fields import SearchFilter, WordFilter
from accounts.models import User
from accounts.models.user_querysets import UserQuerySet


class UserFilters(filters.FilterSet):
    """Role, languages and search."""

    role = WordFilter(*User.Role.values, method="by_role")
    native_language = filters.CharFilter(method="by_native", help_text="Any spelling.")
    learning_language = filters.CharFilter(method="by_learning", help_text="Any spelling.")
    search = SearchFilter(method="by_search", help_text="Words of the name or profile.")

    def by_role(self, rows: UserQuerySet, _: str, value: str) -> Any:
        """Students or teachers."""
        return rows.in_role(value)

    def by_native(self, rows: UserQuerySet, _: str, value: str) -> Any:
        """Those of a native language."""
        return rows.native_in(value)

    def by_learning(self, rows: UserQuerySet, _: str, value: str) -> Any:
        """Those who learn a language."""
        return rows.learning(value)

    def by_search(self, rows: UserQuerySet, _: str, value: str) -> Any:
        """Those who match every word."""
        return rows.mentioning(value)
