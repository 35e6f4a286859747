"""Path converters of ids in URLs. A segment that does not match is an unknown URL: 404."""

from uuid import UUID

from django.urls import register_converter


class UUIDConverter:
    """A UUID in lower or upper case. Django's own converter refuses upper case."""

    regex = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

    def to_python(self, value: str) -> UUID:
        return UUID(value)

    def to_url(self, value: UUID) -> str:
        return str(value)


class NumberConverter:
    """A decimal number of 1 to 19 digits, as many as a 64-bit id has. Django's own has no limit."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


def register() -> None:
    """Makes the converters available as ``<any_uuid:name>`` and ``<number:name>``."""
    register_converter(UUIDConverter, "any_uuid")
    register_converter(NumberConverter, "number")
