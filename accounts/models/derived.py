"""Columns that are computed from other columns of the same row."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from django.db import models

from accounts.values.plain_text import is_blank


class DerivedColumnsModel(models.Model):
    """A row with columns that ``save`` computes from other columns, and with the time of the last save.

    ``derived_columns`` maps each computed column to its source columns.
    ``QuerySet.update`` and ``bulk_create`` do not compute them.
    """

    updated_at = models.DateTimeField(auto_now=True)

    derived_columns: ClassVar[Mapping[str, tuple[str, ...]]]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves the row. With ``update_fields``, also the columns derived from these fields."""
        fields = kwargs.get("update_fields")
        derived = {
            name
            for name, sources in self.derived_columns.items()
            if fields is None or not set(sources).isdisjoint(fields)
        }
        if derived:
            self.derive()
        if fields is not None:
            kwargs["update_fields"] = {*fields, *derived}
        super().save(*args, **kwargs)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Validates the fields. A text without a visible character is empty, in admin forms too."""
        for field in self._meta.concrete_fields:
            value = getattr(self, field.attname)
            if isinstance(value, str) and field.name not in (exclude or ()) and is_blank(value):
                setattr(self, field.attname, "")
        super().clean_fields(exclude)

    def change_fields(self, fields: Mapping[str, Any]) -> None:
        """Sets these columns, and saves them with their derived columns and ``updated_at``."""
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=[*fields, "updated_at"])

    def derive(self) -> None:
        """Computes every derived column."""
        raise NotImplementedError
