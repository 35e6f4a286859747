"""Creating rows so that a retry doubles nothing and a deletion leaves nothing behind."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.db import transaction

from accounts.errors import ClientIdReused
from accounts.models import User


class Created(Protocol):
    """A row that knows the input it was made from."""

    @property
    def creation_digest(self) -> str: ...


Row = TypeVar("Row", bound=Created)
Row_co = TypeVar("Row_co", bound=Created, covariant=True)


class Rows(Protocol[Row_co]):
    """A QuerySet of such rows, narrowed to those among which a ``client_id`` is unique."""

    def by_client_id(self, client_id: UUID | None, /) -> Row_co | None: ...
    def create(self, **fields: Any) -> Row_co: ...


@transaction.atomic
def create_once(
    *,
    rows: Rows[Row],
    user: User,
    owner: Mapping[str, Any],
    fields: Mapping[str, Any],
    defaults: Mapping[str, Any],
) -> tuple[Row, bool]:
    """Creates a row of ``user``; with a repeated ``client_id``, gives the first one as it is now.

    ``fields`` is the validated input; ``defaults`` what an absent field means, so that a retry may
    spell it out; ``owner`` the columns that are not input. Returns the row and whether it is new.
    The person's row is locked before all else: one ``client_id`` comes twice one after the other,
    and no deletion of the account misses the new row. Raises ClientIdReused when the ``client_id``
    came before with other input, InvalidToken when the account is deleted.
    """
    User.objects.locked_present(user.pk)
    digest = digest_of({**defaults, **fields})
    first = rows.by_client_id(fields.get("client_id"))
    if first is None:
        return rows.create(**owner, **fields, creation_digest=digest), True
    if first.creation_digest != digest:
        raise ClientIdReused
    return first, False


def digest_of(fields: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of validated creation input."""
    canonical = json.dumps(fields, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
