"""Rules for single columns. Serializers and admin forms apply them."""

from datetime import UTC, date, datetime

from django.core.exceptions import ValidationError

from accounts.values import currencies, timezones
from accounts.values.plain_text import is_blank

MAX_AGE_YEARS = 130


def validate_time_zone(name: str) -> None:
    """Raises ValidationError unless ``name`` is the name of an IANA time zone."""
    if not timezones.is_known(name):
        raise ValidationError('Expected an IANA time zone such as "Europe/Berlin".')


def validate_birth_date(born: date) -> None:
    """Raises ValidationError if ``born`` is in the future or in a year more than MAX_AGE_YEARS ago."""
    today = datetime.now(UTC).date()
    if born > today or today.year - born.year > MAX_AGE_YEARS:
        raise ValidationError("Expected a day in the past, within a lifetime.")


def validate_currency(code: str) -> None:
    """Raises ValidationError unless ``code`` is a current ISO 4217 code, in upper or lower case."""
    if not code.isascii() or code.upper() not in currencies.CODES:
        raise ValidationError('Expected a currency code of ISO 4217 such as "EUR".')


def validate_not_blank(text: str) -> None:
    """Raises ValidationError unless ``text`` has a visible character."""
    if is_blank(text):
        raise ValidationError("Write a text with visible characters.")
