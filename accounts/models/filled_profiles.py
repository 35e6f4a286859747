"""Profile fields that are filled from the metadata of the Supabase account while they are empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models.derived import DerivedColumnsModel
from accounts.values.plain_text import is_blank

# The fields, with their empty values.
EMPTY_PROFILE: dict[str, Any] = {
    "name": "",
    "native_language": "",
    "learning_languages": [],
    "timezone": "UTC",
}


class FilledProfile(DerivedColumnsModel):
    """A row with the fields of EMPTY_PROFILE.

    ``emptied_fields`` are those that the owner or staff have emptied: they are not filled again.
    """

    emptied_fields = ArrayField(
        models.CharField(max_length=20), default=list, db_default=[], blank=True, editable=False
    )

    class Meta:
        abstract = True

    def change_fields(self, fields: Mapping[str, Any]) -> None:
        """Sets and saves these columns, and notes the emptied ones."""
        self.note_emptied({name: value for name, value in fields.items() if getattr(self, name) != value})
        super().change_fields({**fields, "emptied_fields": self.emptied_fields})

    def note_emptied(self, changed: Mapping[str, Any]) -> None:
        """Adds the fields that ``changed`` empties to ``emptied_fields``. Does not save."""
        emptied = {name for name, value in changed.items() if is_empty(name, value)}
        self.emptied_fields = sorted({*self.emptied_fields, *emptied})

    def unfilled_fields(self) -> list[str]:
        """The fields of EMPTY_PROFILE that are empty and that nobody has emptied."""
        return [
            name
            for name in EMPTY_PROFILE
            if is_empty(name, getattr(self, name)) and name not in self.emptied_fields
        ]


def is_empty(name: str, value: Any) -> bool:
    """Whether the field ``name`` is one of EMPTY_PROFILE, and ``value`` is empty for it."""
    if name not in EMPTY_PROFILE:
        return False
    return value == EMPTY_PROFILE[name] or (isinstance(value, str) and is_blank(value))
