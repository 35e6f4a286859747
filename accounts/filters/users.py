"""Filters of the list of users."""

import django_filters as filters

from accounts.filters.fields import FilterSet, SearchFilter, WordFilter, queryset_method
from accounts.models import User


class UserFilters(FilterSet):
    role = WordFilter(*User.Role.values, method=queryset_method("in_role"))
    native_language = filters.CharFilter(
        method=queryset_method("native_in"), help_text="A name in any language, or a tag."
    )
    learning_language = filters.CharFilter(
        method=queryset_method("learning"), help_text="A name in any language, or a tag."
    )
    search = SearchFilter(method=queryset_method("mentioning"), help_text="Words in the name or profile.")
