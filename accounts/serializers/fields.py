"""Field types that several serializers use, and the base class of serializers of models."""

import re
from collections.abc import Iterable
from copy import deepcopy
from decimal import ROUND_CEILING, Decimal
from math import isfinite
from typing import Any, TypeVar

from django.db import models
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.integrations import supabase_storage
from accounts.serializers.readers import Reader, reader_of
from accounts.values import languages
from accounts.values.plain_text import is_blank

# ASCII digits only. Python's Decimal also accepts other digits, underscores and NaN.
NUMBER = r"-?[0-9]{1,20}(\.[0-9]{1,40})?(e-?[0-9]{1,3})?"
Row = TypeVar("Row", bound=models.Model)
Fields = dict[str, serializers.Field[Any, Any, Any, Any]]


class TextField(serializers.CharField):
    """A text. DRF's own field also accepts a number, and stores its digits.

    A text without a visible character is empty, unless ``trim_whitespace`` is false.
    """

    def run_validation(self, data: Any = serializers.empty) -> Any:
        is_empty = self.trim_whitespace and isinstance(data, str) and is_blank(data)
        return super().run_validation("" if is_empty else data)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class FlagField(serializers.BooleanField):
    """True or false. DRF's own field also accepts 0, "no" and other words for them."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class ModelSerializer(serializers.ModelSerializer[Row]):
    """A serializer of a model, in which no number becomes a text."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.CharField: TextField,
        models.TextField: TextField,
        models.BooleanField: FlagField,
    }
    made_fields: Fields

    def get_fields(self) -> Fields:
        """Copies of the class's fields, which are made once: DRF reads the model for each serializer."""
        if "made_fields" not in vars(type(self)):
            type(self).made_fields = super().get_fields()
        return deepcopy(self.made_fields)

    def to_representation(self, instance: Row) -> dict[str, Any]:
        """The row as JSON values, with the keys in the order of the fields."""
        found: dict[str, Any] = {}
        for name, read in self._readers:
            try:
                found[name] = read(instance)
            except serializers.SkipField:
                continue
        return found

    @cached_property
    def _readers(self) -> list[tuple[str, Reader]]:
        return [(str(field.field_name), reader_of(field)) for field in self._readable_fields]


@extend_schema_field({"type": "number", "minimum": 0, "maximum": 1440})
class WholeMinutesField(serializers.Field[int | None, Any, Any, Any]):
    """Whole minutes, from a JSON number or a string. A fraction is rounded up: all practice counts."""

    default_error_messages = {
        "invalid": "Expected a number of minutes, 0 to {longest}, or null.",
    }

    def __init__(self, *, longest: int, **kwargs: Any) -> None:
        self.longest = longest
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not re.fullmatch(NUMBER, str(data)):
            self.fail("invalid", longest=self.longest)
        minutes = Decimal(str(data))
        if not 0 <= minutes <= self.longest:
            self.fail("invalid", longest=self.longest)
        return int(minutes.to_integral_value(ROUND_CEILING))

    def to_representation(self, value: int | None) -> Any:
        return value


class NumberField(serializers.FloatField):
    """A finite number from ``min_value`` to ``max_value``, from a JSON number or a string.

    DRF's own field also accepts "nan", true and false.
    """

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isfinite(number := super().to_internal_value(data)):
            self.fail("invalid")
        return number


class LanguageCodeField(TextField):
    """A language in any spelling, of at most CODE_LENGTH characters; the value is its code."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if len(text) > languages.CODE_LENGTH:  # a validator would see the code
            self.fail("max_length", max_length=languages.CODE_LENGTH)
        code = languages.code_of(text)
        if not code:
            self.fail("blank")
        return code


class UUIDTextField(serializers.UUIDField):
    """A UUID as text. DRF's own field also accepts a number."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class ChoiceLabelField(TextField):
    """The label of a choice. ``get_..._display`` is slower: DRF inspects its signature for each row."""

    def __init__(self, choices: Iterable[tuple[str, Any]], **kwargs: Any) -> None:
        self.labels = {value: str(label) for value, label in choices}
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: str) -> str:
        return self.labels.get(value, value)


class NullForEmptyField(TextField):
    """A text that clients read as null if it is empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **kwargs)

    def to_representation(self, value: str) -> str | None:  # type: ignore[override]
        return value or None


class TextListField(serializers.ListField):
    """A list of texts, each of at most ``longest`` characters."""

    def __init__(self, *, longest: int, **kwargs: Any) -> None:
        super().__init__(child=TextField(max_length=longest), **kwargs)


@extend_schema_field({"type": ["string", "null"], "format": "uri"})
class ProfilePictureField(serializers.ReadOnlyField):
    """The public URL of a picture in Storage, or null."""

    def to_representation(self, value: str) -> str | None:
        return supabase_storage.public_url(value) if value else None
