"""Filters of the list of users."""

from accounts.filters.fields import FilterSet, LanguagesFilter, SearchFilter, WordsFilter, queryset_method
from accounts.models import User


class UserFilters(FilterSet):
    role = WordsFilter(*User.Role.values, method=queryset_method("in_role"))
    native_language = LanguagesFilter(method=queryset_method("native_in"))
    learning_language = LanguagesFilter(method=queryset_method("learning"))
    search = SearchFilter(method=queryset_method("mentioning"), help_text="Words in the name or profile.")
