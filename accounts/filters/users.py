"""Filters of the directory."""

import django_filters as filters

from accounts.filters.fields import SearchFilter, WordFilter, queryset_method
from accounts.models import User


class UserFilters(filters.FilterSet):
    """Role, languages and search."""

    role = WordFilter(*User.Role.values, method=queryset_method("in_role"))
    native_language = filters.CharFilter(method=queryset_method("native_in"), help_text="Any spelling.")
    learning_language = filters.CharFilter(method=queryset_method("learning"), help_text="Any spelling.")
    search = SearchFilter(method=queryset_method("mentioning"), help_text="Words of the name or profile.")
