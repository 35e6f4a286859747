"""Profile fields that are filled from the metadata of the Supabase account while they are empty."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.values.plain_text import is_blank

# The fields, with their empty values.
EMPTY_PROFILE: dict[str, Any] = {
    "name": "",
    "native_language": "",
    "learning_languages": [],
    "timezone": "UTC",
}


class FilledProfile(models.Model):
    """A row with the fields of EMPTY_PROFILE.

    ``emptied_fields`` are those that the owner or staff have emptied: they are not filled again.
    """

    emptied_fields = ArrayField(
        models.CharField(max_length=20), default=list, db_default=[], blank=True, editable=False
    )

    class Meta:
        abstract = True

    def note_emptied(self, changed: Iterable[str]) -> None:
        """Adds the fields of ``changed`` that are empty now to ``emptied_fields``, and saves it.

        ``changed`` are the names of the fields that the owner or staff have changed.
        """
        emptied = sorted({*self.emptied_fields, *filter(self._is_empty, changed)})
        if emptied != self.emptied_fields:
            self.emptied_fields = emptied
            self.save(update_fields=["emptied_fields"])

    def unfilled_fields(self) -> list[str]:
        """The fields of EMPTY_PROFILE that are empty and that nobody has emptied."""
        return [name for name in EMPTY_PROFILE if self._is_empty(name) and name not in self.emptied_fields]

    def _is_empty(self, name: str) -> bool:
        """Whether the field is one of EMPTY_PROFILE and empty."""
        if name not in EMPTY_PROFILE:
            return False
        value = getattr(self, name)
        return value == EMPTY_PROFILE[name] or (isinstance(value, str) and is_blank(value))
