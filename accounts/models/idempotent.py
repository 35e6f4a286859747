"""Rows created once per ``client_id``: columns, constraint and lookup in one place."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db import models

from accounts.models.compiled_inserts import CompiledInsertModel
from accounts.models.search import SearchableQuerySet

Row = TypeVar("Row", bound="IdempotentModel", covariant=True)


class IdempotentQuerySet(SearchableQuerySet[Row]):
    def by_client_id(self, client_id: UUID | None) -> Row | None:
        """The row created with ``client_id``; None if there is no such row, or no ``client_id``."""
        return self.filter(client_id=client_id).first() if client_id else None


class IdempotentModel(CompiledInsertModel):
    """A row whose creation a client may repeat.

    ``client_id`` is a UUID chosen by the client. ``creation_digest`` is the SHA-256 of the validated
    input of the creation, in hexadecimal; see ``services/idempotency.py``. It is empty if the row has
    lost its content: the digest of a short text reveals the text to whoever guesses it.
    """

    client_id = models.UUIDField(null=True, blank=True, editable=False)
    creation_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        abstract = True


def once_per_client_id(*owner: str, name: str) -> models.UniqueConstraint:
    """The constraint that a ``client_id`` occurs once among the rows with the same ``owner`` columns."""
    return models.UniqueConstraint(
        fields=[*owner, "client_id"],
        name=name,
        violation_error_message="This client_id was already used.",
    )
