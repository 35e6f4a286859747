"""Readings of private text by staff. Each is logged before the text is read."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

from accounts.errors import InvalidInput
from accounts.models import PrivateTextReading, User


def record_reading(*, by: User, row: Model, owner: User | None, why: str) -> None:
    """Commits a row of the log. The caller reads the texts of ``row`` afterwards.

    ``owner`` is the user whose texts they are. Raises InvalidInput if ``why`` is blank or too long, and
    RuntimeError inside a transaction, which could roll the row back after the text was read.
    """
    reading = PrivateTextReading(
        by=by, owner=owner, model=row._meta.model_name or "", object_id=str(row.pk), why=why.strip()
    )
    try:
        reading.clean_fields(exclude={"by", "owner"})
    except ValidationError as error:
        raise InvalidInput("Write a reason.", errors=error.message_dict) from None
    with transaction.atomic(durable=True):
        reading.save(force_insert=True)


def empty_reasons(*, user: User) -> None:
    """Empties the reasons of the readings of a deleted user's texts. Idempotent."""
    PrivateTextReading.objects.about(user).empty_reasons()
