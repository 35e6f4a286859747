"""Idempotent creation: a retry with the same ``client_id`` returns the first row."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db import transaction

from accounts.errors import ClientIdReused
from accounts.models import User
from accounts.models.idempotent import IdempotentModel, IdempotentQuerySet
from accounts.services import storage

Row = TypeVar("Row", bound=IdempotentModel)


@transaction.atomic
def create_once(
    *,
    model: type[Row],
    rows: Callable[[], IdempotentQuerySet[Row]],
    user: User,
    fixed: Callable[[], Mapping[str, Any]],
    fields: Mapping[str, Any],
    defaults: Mapping[str, Any],
) -> tuple[Row, bool]:
    """Creates a row, or returns the one that was created with the same ``client_id``.

    ``rows`` returns the QuerySet in which a ``client_id`` is unique. ``fixed`` returns the columns of a new
    row that are not input, or raises if the user may have no more rows. ``fields``: the validated input.
    ``defaults``: the value of each absent field, so that a retry may state a default. Returns the row as it
    is now, and whether it is new.

    Locks the user's row first. The lock serialises the user's creations, two requests with the same
    ``client_id`` among them, and the deletion of the account. Raises ClientIdReused if the input of the first
    request differed, AccountDeleted if the account is deleted, StorageFull if the row is new and the account
    is full, and what ``fixed`` raises.
    """
    User.objects.lock_present(user.pk)
    client_id = fields.get("client_id")
    first = rows().by_client_id(client_id) if client_id else None
    columns: Mapping[str, Any] = {}
    if first is None:
        storage.check_room(user)
        columns = fixed()
    return create_once_locked(model=model, first=first, fixed=columns, fields=fields, defaults=defaults)


def create_once_locked(
    *,
    model: type[Row],
    first: Row | None,
    fixed: Mapping[str, Any],
    fields: Mapping[str, Any],
    defaults: Mapping[str, Any],
) -> tuple[Row, bool]:
    """``create_once`` in a transaction that has already locked the user's row. Raises ClientIdReused.

    ``first`` is the row with the same ``client_id``, if there is one, read under that lock. A row without
    a digest is returned for any input: a deleted message has none.
    """
    digest = digest_of({**defaults, **fields})
    if first is None:
        row = model(**fixed, **fields, creation_digest=digest)
        row.save(force_insert=True)
        return row, True
    check_repeated(first, digest)
    return first, False


def check_repeated(first: IdempotentModel, digest: str) -> None:
    """Raises ClientIdReused if the row was created with input of another digest."""
    if first.creation_digest not in ("", digest):
        raise ClientIdReused


def digest_of(fields: Mapping[str, Any]) -> str:
    """The SHA-256 of validated creation input, in hexadecimal."""
    canonical = json.dumps(fields, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
