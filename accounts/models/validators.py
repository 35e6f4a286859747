"""Rules of single columns, enforced by serializers and admin forms alike."""

from datetime import UTC, date, datetime

from django.core.exceptions import ValidationError

from accounts.values import currencies, timezones

LONGEST_LIFE = 130  # years


def validate_time_zone(name: str) -> None:
    """Raises ValidationError for anything but an IANA time zone name."""
    if not timezones.is_known(name):
        raise ValidationError('Expected an IANA time zone such as "Europe/Berlin".')


def validate_birth_date(born: date) -> None:
    """Raises ValidationError for a day in the future, and for one more than LONGEST_LIFE years ago."""
    today = datetime.now(UTC).date()
    if born > today or today.year - born.year > LONGEST_LIFE:
        raise ValidationError("Expected a day in the past, within a lifetime.")


def validate_currency(code: str) -> None:
    """Raises ValidationError for anything but an ISO 4217 code in use, in upper or lower case."""
    if code.upper() not in currencies.CODES:
        raise ValidationError('Expected a currency code of ISO 4217 such as "EUR".')
